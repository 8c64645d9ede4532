"""Crash points, all of them: a job is run once to list its commits, then dies at each."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codybatch.agent.task import ConversationEnd
from codybatch.domain.events import EventKind
from codybatch.domain.states import EndedBecause
from codybatch.domain.threads import StepKind
from codybatch.ports.model import ModelRequest
from tests.agent_kit import (
    Answer,
    Bench,
    Durable,
    Killed,
    Script,
    at_length,
    does,
    edits,
    finish,
    in_order,
    is_handed_off,
    make_task,
    reads,
    says,
    unmarked,
    writes,
)


@dataclass(frozen=True)
class Story:
    """A job to kill: its replies, and limits that bring it to what is to be tried."""

    script: Callable[[], Script]
    context_tokens: int | None = None
    commits: int = 0


def long_story() -> Script:
    return in_order(
        does(reads(), reads("README.md")),
        does(edits("'hello '", "'good morning, '"), writes("src/new.py", "NEW = 1\n")),
        says("Let me think."),
        does(("move_file", {"from": "src/other.py", "to": "src/moved.py"}), reads("src/moved.py")),
        does(edits("no such text", "x"), finish()),
        does(finish(False)),
        does(("delete_file", {"path": "README.md"})),
        does(finish()),
    )


def cut_story() -> Script:
    """The second reply is cut off twice, the third comes after the nudge."""
    whole = in_order(does(edits("'hello '", "'hi '")), does(finish()))
    cut = Answer(text="much too long", stop_reason="max_tokens")

    def script(request: object, asked: int) -> Answer | Exception:
        messages = request.messages  # type: ignore[attr-defined]
        return cut if len(messages) == 3 else whole(request, asked)  # type: ignore[arg-type]

    return script


def handed_off_story() -> Script:
    return in_order(
        does(edits("'hello '", "'good morning, '")),
        at_length(does(reads()), 90_000),
        says("The greeting is polite; the value in src/other.py is left to do."),
        handed_off=[does(edits("VALUE = 1", "VALUE = 2", "src/other.py")), does(finish())],
    )


STORIES = {
    "long": Story(long_story, commits=16),
    "cut off": Story(cut_story, commits=8),
    "handed off": Story(handed_off_story, context_tokens=80_000, commits=10),
}


def bench(folder: Path, story: Story) -> Bench:
    return Bench(folder, story.script(), make_task(context_tokens=story.context_tokens))


def whole(folder: Path, story: Story) -> tuple[Bench, ConversationEnd]:
    job = bench(folder / "whole", story)
    return job, job.run()


@pytest.mark.parametrize("name", STORIES)
def test_each_story_has_as_many_commits_as_the_enumeration_assumes(
    tmp_path: Path, name: str
) -> None:
    job, end = whole(tmp_path, STORIES[name])

    assert end.ended_because is EndedBecause.FINISHED
    assert len(job.log.commits) == STORIES[name].commits


@pytest.mark.parametrize("dies", ["before", "between", "after"])
@pytest.mark.parametrize(
    ("name", "commit"),
    [(name, at) for name, story in STORIES.items() for at in range(1, story.commits + 1)],
)
def test_a_job_that_dies_at_any_commit_comes_to_the_same_end(
    tmp_path: Path, name: str, commit: int, dies: str
) -> None:
    undisturbed, expected = whole(tmp_path, STORIES[name])
    job = bench(tmp_path / "killed", STORIES[name])
    job.attempt(dies_at=commit, dies=dies)
    with pytest.raises(Killed):
        job.run()
    end = job.go_on()

    assert end.tree == expected.tree
    assert claimed(end) == claimed(expected)
    assert conversation(job.durable) == conversation(undisturbed.durable)
    assert len(job.model.requests) - len(undisturbed.model.requests) == paid_twice(job)
    assert paid_twice(job) <= (dies == "before")
    assert (end.spending.uncertain_cost_usd > 0) == (len(lost_requests(job.durable)) > 0)


@pytest.mark.parametrize(("commit", "dies"), [(3, "before"), (2, "between"), (2, "after")])
@pytest.mark.parametrize("name", STORIES)
def test_a_job_whose_every_attempt_dies_after_one_reply_comes_to_the_same_end(
    tmp_path: Path, name: str, commit: int, dies: str
) -> None:
    undisturbed, expected = whole(tmp_path, STORIES[name])
    job = bench(tmp_path / "killed", STORIES[name])
    end = None
    for _ in range(STORIES[name].commits):
        job.attempt(dies_at=commit, dies=dies)
        try:
            end = job.run()
        except Killed:
            continue
        break

    assert end
    assert end.tree == expected.tree
    assert claimed(end) == claimed(expected)
    assert conversation(job.durable) == conversation(undisturbed.durable)


def claimed(end: ConversationEnd) -> ConversationEnd:
    """What the end says of the work, without what it cost."""
    return end.model_copy(update={"spending": None})


def conversation(durable: Durable) -> list[tuple[int, StepKind, bytes | None]]:
    """Every step but the requests, which are there twice where one was lost."""
    return [
        (recorded.step.conversation, recorded.step.kind, recorded.content)
        for recorded in durable.steps
        if recorded.step.kind is not StepKind.REQUEST
    ]


def lost_requests(durable: Durable) -> list[int]:
    """Places of requests that have no reply."""
    steps = [recorded.step for recorded in durable.steps]
    return [
        place
        for place, step in enumerate(steps)
        if step.kind is StepKind.REQUEST
        and (place + 1 == len(steps) or steps[place + 1].kind is not StepKind.REPLY)
    ]


def paid_twice(job: Bench) -> int:
    """How many requests were sent again although the model had answered."""
    sent = [
        (request.max_tokens, tuple(json.dumps(unmarked(m)) for m in request.messages))
        for request in job.model.requests
    ]
    return len(sent) - len(set(sent))


# --- stories that nobody thought of --------------------------------------------------------------

TWISTS: dict[str, Answer] = {
    "read": does(reads(), reads("nowhere.py")),
    "edit": does(edits("hello", "good morning"), edits("good morning", "hello there")),
    "edit back": does(edits("hello there", "hello")),
    "new file": does(writes("src/new.py", "NEW = 1\n", overwrite=True)),
    "silent": says("I am thinking."),
    "blank": Answer(content=[]),
    "malformed": Answer(content=[{"type": "tool_use", "id": "x", "name": "grep", "input": 1}]),
    "cut off": Answer(text="too long", stop_reason="max_tokens"),
    "paused": Answer(text="one moment", stop_reason="pause_turn"),
    "wrong claim": does(finish(False)),
    "crowded finish": does(writes("src/b.py", "B = 1\n", overwrite=True), finish()),
    "long": at_length(does(reads("README.md")), 90_000),
    "overflow": Answer(text="half", stop_reason="model_context_window_exceeded"),
    "refusal": Answer(text="no", stop_reason="refusal"),
    "finish": does(finish()),
}


def twisted(twists: list[str]) -> Script:
    """The reply follows from the conversation alone; what is cut off is whole the second time."""

    def script(request: ModelRequest, asked: int) -> Answer:
        del asked
        place = len(request.messages) // 2 + 3 * is_handed_off(request)
        twist = twists[place % len(twists)]
        if twist == "cut off" and request.max_tokens > 32_000:
            twist = "read"
        return TWISTS[twist]

    return script


@settings(deadline=None, max_examples=60)
@given(
    twists=st.lists(st.sampled_from(sorted(TWISTS)), min_size=2, max_size=8),
    max_turns=st.integers(2, 12),
    deaths=st.lists(
        st.tuples(st.integers(1, 12), st.sampled_from(["before", "between", "after"])),
        min_size=1,
        max_size=4,
    ),
)
def test_any_story_that_dies_anywhere_comes_to_the_same_end(
    twists: list[str], max_turns: int, deaths: list[tuple[int, str]]
) -> None:
    task = make_task(max_turns=max_turns, context_tokens=80_000)
    with TemporaryDirectory() as folder:
        undisturbed = Bench(Path(folder, "whole"), twisted(twists), task)
        expected = undisturbed.run()
        job = Bench(Path(folder, "killed"), twisted(twists), task)
        for commit, dies in deaths:
            job.attempt(commit, dies)
            with suppress(Killed):
                job.run()
        end = job.go_on()

    assert (end.tree, claimed(end)) == (expected.tree, claimed(expected))
    assert conversation(job.durable) == conversation(undisturbed.durable)
    assert end.spending.turn == expected.spending.turn <= max_turns
    assert end.spending.usage == expected.spending.usage
    certain = end.spending.cost_usd - end.spending.uncertain_cost_usd
    assert certain == expected.spending.cost_usd


# --- single cases -------------------------------------------------------------------------------


def test_a_reply_that_was_received_and_not_committed_is_taken_over(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(does(edits("'hello '", "'hi '")), does(finish())))
    job.attempt(dies_at=4, dies="between")
    with pytest.raises(Killed):
        job.run()
    end = job.go_on()

    assert len(job.model.requests) == 2
    assert end.ended_because is EndedBecause.FINISHED
    assert end.spending.uncertain_cost_usd == 0
    undisturbed = Bench(tmp_path / "whole", job.script).run()
    assert end.spending.cost_usd == undisturbed.spending.cost_usd
    assert end.spending.usage == undisturbed.spending.usage


def test_a_reply_that_was_lost_is_charged_and_told(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(does(reads()), does(finish(False))))
    job.attempt(dies_at=2, dies="before")
    with pytest.raises(Killed):
        job.run()
    reserved = job.durable.steps[-1].step.reserved_usd
    end = job.go_on()

    assert end.spending.uncertain_cost_usd == reserved
    assert len(job.log.told(EventKind.PAID_TWICE)) == 1
    assert job.log.told(EventKind.RESUMED) == ["Went on after turn 0."]
    assert job.log.reserved[0][1] == reserved


def test_a_reply_that_was_written_half_is_not_taken_over(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(does(finish(False))))
    job.attempt(dies_at=2, dies="between")
    with pytest.raises(Killed):
        job.run()
    for key, content in job.durable.unclaimed.items():
        job.durable.unclaimed[key] = content[: len(content) // 2]

    assert job.go_on().ended_because is EndedBecause.FINISHED
    assert len(job.model.requests) == 2


def test_the_recorded_header_is_sent_again_whatever_the_task_would_make_today(
    tmp_path: Path,
) -> None:
    job = Bench(tmp_path, in_order(does(reads()), does(finish(False))))
    job.attempt(dies_at=3, dies="after")
    with pytest.raises(Killed):
        job.run()
    job.task = make_task(prompt_text="Another text.", max_tokens=10_000)
    job.go_on()

    first, second = job.model.requests
    assert job.model.sent[1].startswith(job.model.sent[0])
    assert json.dumps(second.parameters) == json.dumps(first.parameters)
    assert second.max_tokens == 32_000


def test_a_tree_that_does_not_come_out_as_recorded_ends_the_job(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(does(edits("'hello '", "'hi '")), does(finish())))
    job.attempt(dies_at=3, dies="after")
    with pytest.raises(Killed):
        job.run()
    job.files = {"src/app.py": "# before\ndef greet(name):\n    return 'hello ' + name\n"}
    end = job.go_on()

    assert end.ended_because is EndedBecause.INTERNAL_ERROR
    assert "work tree after step 3" in end.detail
    assert len(job.model.requests) == 1


def test_a_missing_step_ends_the_job(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(does(reads()), does(finish(False))))
    job.attempt(dies_at=3, dies="after")
    with pytest.raises(Killed):
        job.run()
    del job.durable.steps[2]
    end = job.go_on()

    assert end.ended_because is EndedBecause.INTERNAL_ERROR
    assert "does not follow" in end.detail


def test_a_step_without_its_bytes_ends_the_job(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(does(reads()), does(finish(False))))
    job.attempt(dies_at=3, dies="after")
    with pytest.raises(Killed):
        job.run()
    job.durable.steps[2] = replace(job.durable.steps[2], content=None)

    assert "has lost its bytes" in job.go_on().detail


def test_counts_and_limits_go_on_over_a_crash(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(does(reads())), make_task())
    job.attempt(dies_at=7, dies="after")
    with pytest.raises(Killed):
        job.run()
    end = job.go_on()

    assert end.ended_because is EndedBecause.STUCK
    assert end.spending.turn == 6


def test_a_secret_that_an_edit_moved_stays_hidden_after_a_crash(tmp_path: Path) -> None:
    secret = "Zk4v9Qp2Lm8Xr6Ty1Wb3Nc5H"
    files = {"config.py": f'password = "{secret}"\n'}

    def script() -> Script:
        rename = ("edit_file", {"path": "config.py", "old_string": "password", "new_string": "x"})
        return in_order(does(rename), does(reads("config.py")), does(finish()))

    job = Bench(tmp_path, script(), files=files)
    job.attempt(dies_at=3, dies="after")
    with pytest.raises(Killed):
        job.run()
    job.go_on()

    assert secret not in json.dumps([request.messages for request in job.model.requests])
    assert secret.encode() in (tmp_path / "2" / "config.py").read_bytes()
