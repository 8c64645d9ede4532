"""The keys of the table, and with them every way in which it is read and written.

`rid` is a request's id, `job` a job's, `place` where a request or job stands in every list: its
millisecond of creation and its id. Costs are in units of DynamoDB (a read unit is 4 KB strongly
consistent, a write unit 1 KB, and writes of a transaction cost twice); they do not depend on how
many requests and jobs there are. docs/aws.md has the figures of whole operations.

| what | pk | sk | read | written |
|---|---|---|---|---|
| request: counts, budget, title | `R#rid` | `HEAD` | by key: 1 | each change of state, money: 2 |
| request: what was asked for | `R#rid` | `TEXT` | by key: 1 | once |
| job | `R#rid` | `J#000001` | by key, a request's in a query | commit: 4, heartbeat: 2 |
| steps of a job | `S#job` | `0001#00000001` | in one query | once each: 2 |
| events of a job | `E#job` | the last one's number | a query from a number on | once a commit: 2 |
| jobs with events, by oldest day | `E` | `day#job` | when events are dropped | once a job: 2 |
| idempotency key | `I#person` | the key | by key: 1 | once: 2 |
| list of everything | `L#ALL` | `place` | a page: one query and its jobs | once a request: 2 |
| list of a prompt | `L#PROMPT#name` | `place` | as above | once a request: 2 |
| list of a person | `L#REQUESTER#name` | `place` | as above | once a request: 2 |
| list of a repository | `L#REPOSITORY#owner/name` | `place` | as above | once a request: 2 |
| list of a state | `L#STATE#state#shard` | `place` | a query a shard, jobs | change of state: 4 |
| list of a flag | `L#UNJUDGED`, … | `place` | one query and its jobs | change of flag: 2 |
| lineage: jobs after its first | `N#job` | `J#place` | a query, its jobs | once a job: 2 |
| lineage: the one at work | `N#job` | `BUSY` | by key: 1 | job's beginning and end: 2 |
| words of records | `W#R#word`, `W#J#word` | `place` | a query a word, jobs | once a word: 1 |
| counters of states and flags | `C` | `shard` | one query: 1 | change of state or flag: 2 |
| budget of a day | `B` | `day#shard` | one query: 1 | what is reserved and spent: 2 to 4 |
| tallies of a day | `T` | `day#shard` | one query | end of a job, verdict: 2 |
| tallies of a prompt | `T#name` | `version#shard` | one query | end of a job, verdict: 2 |
| submission | `U#id` | `-` | by key: 1 | once or twice: 2 |
| verdict | `V#job` | `P#person` | a job's in one query | once: 2, with its tallies, job |
| prompt's version | `P#name` | `V#00000001` | by key, the latest in a query: 1 | once: 2 |
| prompt's latest, archived | `P#name` | `HEAD` | by key: 1 | once a version, move: 2 |
| names of prompts | `L#PROMPTS`, `L#PROMPTS#ARCHIVED` | `name` | a query, versions | as above |
| document of a person | `D#person` | `N#name` | by key: 1 | once a change: 2 |
| schedule | `L#SCHEDULES` | its id | by key: 1, a page in a query | once a change: 2 |
| when a schedule is due | `L#SCHEDULES#DUE` | `moment#id` | those due in a query | due time: 4 |
| experiment | `L#EXPERIMENTS` | its id | by key: 1 to 9, a page in a query | change: 2 to 68 |
| active experiments | `L#EXPERIMENTS#ACTIVE` | its id | a query, experiments | pause, end: 2 |
| list of an experiment | `L#EXPERIMENT#id` | `place` | as of a prompt | once a request of it: 2 |
| trouble with a credential | `K#name` | `-` | by key: 1 | once: 1 |

Lists, counters and words are items, not indexes: what a person has just done stands in every list
at once, and a page is the same for all readers. Numbers that everybody changes are spread over
shards, so that transactions seldom meet on one; a page or a sum reads all of them. Words are
written before the record that they find, outside of its transaction, and each record that a word
leads to is looked at again: so nothing is missed, and nothing is found by words it no longer has.

Events have a time to live. Idempotency keys have none: the same key names the same request for
ever, as in every store.
"""

from __future__ import annotations

import hashlib
from datetime import date
from zlib import crc32

from codybatch.domain.identifiers import ExperimentId, JobId, Person, RequestId, SubmissionId
from codybatch.domain.prompts import PromptRef
from codybatch.domain.states import JobState
from codybatch.stores.aws.items import Key
from codybatch.stores.aws.table import Range

HEAD = "HEAD"
STATE_SHARDS = 4
COUNTER_SHARDS = 8
TALLY_SHARDS = 4
BUDGET_SHARDS = 4
_LONGEST_PART = 300
"""Bytes of a text in a key: keys have at most 2,048 and 1,024."""
_ALONE = "-"


def shard_of(job: JobId, shards: int) -> int:
    """Which of so many shards a job is counted in: always the same."""
    return crc32(job.encode()) % shards


def part(text: str) -> str:
    """A text as part of a key; a long one is named by its digest."""
    content = text.encode(errors="surrogatepass")
    if len(content) <= _LONGEST_PART:
        return text
    return f"~{hashlib.sha256(content).hexdigest()}"


def head(request: RequestId) -> Key:
    """A request's counts, budget and title."""
    return Key(f"R#{part(request)}", HEAD)


def head_of(job_: JobId) -> Key:
    """The head of a job's request."""
    return Key(job(job_).pk, HEAD)


def text(request: RequestId) -> Key:
    """What a request asked for."""
    return Key(f"R#{part(request)}", "TEXT")


def job(name: JobId) -> Key:
    """A job; a name that cannot be one's leads to none."""
    request, _, index = name.rpartition("-")
    number = int(index) if index.isascii() and index.isdecimal() and len(index) <= _DIGITS else 0
    return Key(f"R#{part(request)}", f"J#{number:06d}")


_DIGITS = 6


def job_at(place: str) -> Key:
    """The job that stands at a place."""
    request, _, index = _name_in(place).rpartition("-")
    return Key(f"R#{request}", f"J#{index}")


def request_at(place: str) -> RequestId:
    """The request that stands at a place."""
    return RequestId(_name_in(place))


def _name_in(place: str) -> str:
    return place.partition(".")[2]


def jobs_of(request: RequestId, after: int = 0) -> Range:
    """A request's jobs by their index, after one."""
    return Range(f"R#{part(request)}", f"J#{after + 1:06d}", "J#~")


def step(job_: JobId, conversation: int, sequence: int) -> Key:
    """A step of a job's thread."""
    return Key(f"S#{part(job_)}", f"{conversation:04d}#{sequence:08d}")


def steps_of(job_: JobId) -> Range:
    """All steps of a job's thread, in order."""
    return Range(f"S#{part(job_)}")


def events(job_: JobId, last: int) -> Key:
    """Events that were added together, the last of which has this number."""
    return Key(f"E#{part(job_)}", f"{last:012d}")


def events_of(job_: JobId, after: int = 0) -> Range:
    """A job's events from a number on: some before it may stand in the first item."""
    return Range(f"E#{part(job_)}", f"{min(max(after, 0), 10**12 - 2) + 1:012d}")


def job_with_events(job_: JobId, day: date) -> Key:
    """Notes that a job has events, of which the oldest is of a UTC day."""
    return Key("E", f"{day.isoformat()}#{part(job_)}")


def jobs_with_events(until: date) -> Range:
    """The jobs that have events of a UTC day or an earlier one."""
    return Range("E", last=f"{until.isoformat()}#~")


def idempotency(person: Person, key: str) -> Key:
    """What a person submitted under a key."""
    return Key(f"I#{part(person)}", part(key) or "~")


def busy(root: JobId) -> Key:
    """Which job of a lineage works, where it is not the first."""
    return Key(f"N#{part(root)}", "BUSY")


def in_lineage(root: JobId, place: str) -> Key:
    """Notes that a job continues a lineage."""
    return Key(f"N#{part(root)}", f"J#{place}")


def lineage(root: JobId) -> Range:
    """The jobs that continue a lineage, oldest first."""
    return Range(f"N#{part(root)}", "J#", "J#~")


def list_name(kind: str, value: str = "", shard: int | None = None) -> str:
    """The partition of a list."""
    names = ("L", kind, part(value), "" if shard is None else str(shard))
    return "#".join(name for name in names if name)


EXPERIMENTS = list_name("EXPERIMENTS")
ACTIVE_EXPERIMENTS = list_name("EXPERIMENTS", "ACTIVE")


def experiment(name: ExperimentId) -> Key:
    """An experiment."""
    return Key(EXPERIMENTS, part(name) or _ALONE)


def state_lists(state: str) -> tuple[str, ...]:
    """The partitions of the list of a state."""
    return tuple(list_name("STATE", state, shard) for shard in range(STATE_SHARDS))


def state_list(state: JobState, job_: JobId) -> str:
    """The partition of the list of a state that has this job."""
    return list_name("STATE", state, shard_of(job_, STATE_SHARDS))


def word(of: str, word_: str) -> str:
    """The partition of the records that a word finds: ``R`` are requests with their jobs, ``J``
    jobs that say it of themselves.
    """
    return f"W#{of}#{word_}"


COUNTERS = Range("C")


def counter(job_: JobId) -> Key:
    """The counters of states and flags that a job is counted in."""
    return Key("C", str(shard_of(job_, COUNTER_SHARDS)))


DAYS_BUDGETS = "B"
GATE = "gate"


def budget(day: date, shard: str) -> Key:
    """A part of what a UTC day's budget counts."""
    return Key(DAYS_BUDGETS, f"{day.isoformat()}#{shard}")


def budgets(since: date, until: date) -> Range:
    """The budgets of UTC days, from one to the one before another."""
    return Range(DAYS_BUDGETS, since.isoformat(), until.isoformat())


def day_tally(day: str, shard: int) -> Key:
    """A part of what is counted of a UTC day (as in ISO 8601)."""
    return Key("T", f"{day}#{shard}")


def day_tallies(since: date, until: date) -> Range:
    """What is counted of UTC days, from one to the one before another."""
    return Range("T", since.isoformat(), until.isoformat())


def prompt_tally(prompt: PromptRef, shard: int) -> Key:
    """A part of what is counted of a prompt's version."""
    return Key(f"T#{part(prompt.name)}", f"{prompt.version:08d}#{shard}")


def prompt_tallies(name: str) -> Range:
    """What is counted of a prompt's versions."""
    return Range(f"T#{part(name)}")


def submission(name: SubmissionId) -> Key:
    """A submission."""
    return Key(f"U#{part(name)}", _ALONE)
