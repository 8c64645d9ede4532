"""A job is killed just before and just after each of its durable writes and acts, one job a point.

The points are not chosen: one job runs undisturbed, and everything that it writes and does is
listed. Then as many jobs run, each with a process that kills itself (SIGKILL) at its own point;
the real engine starts the next attempt. More jobs lose answers of the model, of the code host and,
where the records live there, of AWS; and one job is killed at every step that it makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property

from codybatch.domain.events import EventKind
from codybatch.domain.jobs import Job
from codybatch.domain.publication import PublicationKind
from codybatch.domain.states import JobState
from codybatch.domain.threads import StepKind
from codybatch.standins.anthropic import Fault
from codybatch.standins.anthropic.faults import FaultKind
from codybatch.standins.anthropic.journal import Exchange
from codybatch.standins.git.faults import Fault as HostFault
from codybatch.standins.github.faults import bad_gateway, cut
from tests.worker.crashing.points import Point
from tests.worker.crashing.program import subject_of
from tests.worker.crashing.world import SMALL, TURNS, CrashWorld

UNDISTURBED = "acme/undisturbed"
AT_EVERY_STEP = "acme/at-every-step"
UNANSWERED = frozenset({"pipe.tell", "pipe.beat", "pipe.ended"})
"""Messages whose sender is told nothing: what comes after one is what comes before the next, and
after the last one the worker ends whoever is left.
"""
LABEL = "made-by-a-bot"


def deaths_at(points: list[Point], is_call: Callable[[Point], bool]) -> list[Point]:
    """How a job can die at its points, and which answers to its calls can be lost."""
    deaths = []
    for point in points:
        sides = [replace(point, when="before"), replace(point, when="after")]
        if is_call(point):
            sides.append(replace(point, when="unanswered"))
        if point.name in UNANSWERED:
            sides.pop()
        if point.name == "model.reply":
            sides += [replace(side, victim="worker") for side in sides]
        deaths += sides
    return deaths


HARMS: tuple[tuple[FaultKind, int], ...] = (("cut", 0), ("cut", 3), ("end", 3), ("error_event", 3))
LOST_REPLIES = {
    f"acme/reply-{turn}-{kind}-{after}": Fault(kind=kind, turn=turn, after_events=after)
    for turn in range(TURNS)
    for kind, after in HARMS
}
"""The connection is cut, or the stream ends, after the model has answered: each turn in turn."""
LOST_ANSWERS = {
    # Twice: libcurl asks again once by itself.
    "acme/push-cut": cut("POST /{}.git/git-receive-pack", after_acting=True, times=2),
    "acme/push-502": bad_gateway("POST /{}.git/git-receive-pack", after_acting=True),
    "acme/create-cut": cut("POST /repos/{}/pulls", after_acting=True),
    "acme/create-502": bad_gateway("POST /repos/{}/pulls", after_acting=True),
    "acme/label-cut": cut("POST /repos/{}/issues/*/labels", after_acting=True),
    "acme/label-502": bad_gateway("POST /repos/{}/issues/*/labels", after_acting=True),
    "acme/update-cut": cut("PATCH /repos/{}/pulls/*", after_acting=True),
    "acme/update-502": bad_gateway("PATCH /repos/{}/pulls/*", after_acting=True),
}
"""The code host acts, and its answer is lost."""
UPDATED = ("acme/update-cut", "acme/update-502")
"""Killed before they were settled, so that the next attempt updates the pull request it finds."""


@dataclass(frozen=True)
class Place:
    """What points are called where the records live."""

    settle: str
    commit: str

    @property
    def before_settlement(self) -> Point:
        """The last thing that a job does."""
        return Point("worker", self.settle, 1)

    @property
    def one_step_further(self) -> Point:
        """What an attempt commits first once it goes on; three of its commits come before the
        model's.
        """
        return Point("worker", self.commit, 6, "after")

    @staticmethod
    def is_call(point: Point) -> bool:
        """Whether it is a call over the network, whose answer can be lost."""
        return ">" in point.name


@dataclass
class Trial:
    """All jobs, ended, and what they went through."""

    c: CrashWorld
    jobs: dict[str, Job]
    deaths: dict[str, Point]
    """By repository."""
    began: date
    """In UTC; a trial may run over midnight."""

    @property
    def undisturbed(self) -> Job:
        return self.jobs[UNDISTURBED]

    @property
    def disturbed(self) -> list[str]:
        return [repository for repository in self.jobs if repository != UNDISTURBED]

    @property
    def unanswered(self) -> dict[str, Point]:
        """Those of them that no process dies of: a call whose answer is lost."""
        return {one: death for one, death in self.deaths.items() if death.when == "unanswered"}

    @cached_property
    def asked(self) -> dict[str, list[Exchange]]:
        """What the model was asked for each repository, and answered with a reply."""
        found: dict[str, list[Exchange]] = {repository: [] for repository in self.jobs}
        for exchange in self.c.world.model.requests:
            name = exchange.body.partition(b"name: ")[2].partition(b"\\n")[0].decode()
            found[name].append(exchange)
        return found

    def bill(self, repository: str) -> Decimal:
        """What the model's service would ask for, by our price table."""
        client, now = self.c.world.app.clients.model(), datetime.now(UTC)
        model = self.jobs[repository].model
        charges = (client.charge(model, {"usage": e.usage}, now) for e in self.asked[repository])
        return sum((cost for _, cost in charges), Decimal(0))

    def taken_back(self, repository: str) -> int:
        """How often AWS Batch had given a job up, which was then handed over again: who takes it
        back holds it for a moment, which counts as an attempt.
        """
        events = self.c.world.app.jobs.events(self.jobs[repository].id)
        said = "AWS Batch ended the worker"
        return sum(e.kind is EventKind.RETRIED and e.text.startswith(said) for e in events)

    def told(self, repository: str, kind: EventKind) -> int:
        """How often a job's events say something."""
        events = self.c.world.app.jobs.events(self.jobs[repository].id)
        return sum(event.kind is kind for event in events)


@contextmanager
def opened(world: AbstractContextManager[CrashWorld], place: Place) -> Iterator[Trial]:
    """Run one job undisturbed, then one for each of its points and for each lost answer.

    Args:
        world: with the repository ``UNDISTURBED``.
        place: what the records' points are called there.
    """
    with world as c:
        began = datetime.now(UTC).date()
        first = submit(c, UNDISTURBED)
        listed = c.plan.listed(subject_of(UNDISTURBED))
        deaths = {
            f"acme/p{number:03d}": death
            for number, death in enumerate(deaths_at(listed, place.is_call))
        }
        disturbed = [*deaths, *LOST_REPLIES, *LOST_ANSWERS, AT_EVERY_STEP]
        for repository in disturbed:
            c.world.github.add_repository(repository, files=SMALL, permissions={"service": "push"})
        disturb(c, deaths, place)
        yield Trial(c, {**first, **submit(c, *disturbed)}, deaths, began)


def disturb(c: CrashWorld, deaths: dict[str, Point], place: Place) -> None:
    """Order every death and every lost answer."""
    for repository, death in deaths.items():
        c.plan.order(subject_of(repository), death)
    for repository, reply in LOST_REPLIES.items():
        mine = {"containing": f"name: {repository}\\n"}
        c.world.model.faults.add(reply.model_copy(update=mine))
    for repository, answer in LOST_ANSWERS.items():
        c.world.github.faults.add(for_repository(answer, repository))
    for repository in UPDATED:
        c.plan.order(subject_of(repository), place.before_settlement)
    c.plan.order(subject_of(AT_EVERY_STEP), *[place.one_step_further] * 2 * TURNS)


def for_repository(fault: HostFault, repository: str) -> HostFault:
    return fault.model_copy(update={"route": fault.route.replace("{}", repository)})


def submit(c: CrashWorld, *repositories: str) -> dict[str, Job]:
    """One request over repositories, and its jobs when they have ended."""
    created = c.world.submit(*repositories, publish="draft", labels=(LABEL,))
    return {job.repository.full_name: job for job in c.world.wait(created)}


def every_planned_death_came(trial: Trial) -> None:
    came = {repository: trial.c.plan.died(subject_of(repository)) for repository in trial.deaths}

    assert came == {repository: [str(death)] for repository, death in trial.deaths.items()}
    assert not trial.c.world.model.faults.pending()
    assert not trial.c.world.github.faults.pending()


def every_job_ends_with_the_same_patch(trial: Trial) -> None:
    app = trial.c.world.app
    expected = app.jobs.patch(trial.undisturbed.id)

    for repository, job in trial.jobs.items():
        assert job.state is JobState.SUCCEEDED, (trial.deaths.get(repository), job.ended_detail)
        assert app.jobs.patch(job.id) == expected, trial.deaths.get(repository)
        assert job.title == trial.undisturbed.title


def every_job_has_one_branch_and_one_pull_request(trial: Trial) -> None:
    w = trial.c.world
    tree = w.github.bare(UNDISTURBED).git(
        "rev-parse", f"{trial.undisturbed.publication.pushed_commit}^{{tree}}"
    )
    for repository, job in trial.jobs.items():
        why = trial.deaths.get(repository)
        bare = w.github.bare(repository)
        (pull,) = w.github.pull_requests(repository)
        assert job.publication.kind is PublicationKind.PULL_REQUEST, why
        assert job.publication.pull_request, why
        assert job.publication.pull_request.number == pull.number, why
        assert bare.branches() == {"main": job.commit, pull.head_ref: pull.head_oid}, why
        assert job.publication.pushed_commit == pull.head_oid, why
        assert bare.git("rev-parse", f"{pull.head_oid}^{{tree}}") == tree, why
        assert bare.git("rev-parse", f"{pull.head_oid}~").decode().strip() == job.commit, why
        assert (pull.draft, pull.labels) == (True, (LABEL,)), why


def every_job_is_settled_once(trial: Trial) -> None:
    w = trial.c.world
    for repository in trial.jobs:
        assert trial.told(repository, EventKind.ENDED) == 1, trial.deaths.get(repository)
    requests = {job.request: w.app.requests.find(job.request) for job in trial.jobs.values()}
    assert sum(request.counts.succeeded for request in requests.values()) == len(trial.jobs)
    assert {request.budget.reserved_usd for request in requests.values()} == {0}
    spent = sum(request.budget.spent_usd for request in requests.values())
    assert spent == sum(job.cost_usd for job in trial.jobs.values())
    today = datetime.now(UTC).date()
    days = [w.app.store.records.day_budget(day) for day in {trial.began, today}]
    assert sum(day.spent_usd for day in days) == spent
    assert {day.reserved_usd for day in days} == {0}


def every_thread_is_whole(trial: Trial) -> None:
    app = trial.c.world.app
    kinds = [line.kind for line in app.jobs.thread(trial.undisturbed.id)]
    for repository, job in trial.jobs.items():
        lines = list(app.jobs.thread(job.id))
        assert [line.kind for line in lines] == kinds, trial.deaths.get(repository)
        assert kinds.count(StepKind.REPLY) == job.progress.turn == TURNS
        certain = job.cost_usd - job.uncertain_cost_usd
        assert sum(line.cost_usd for line in lines) == certain, trial.deaths.get(repository)


def no_reply_is_paid_twice_unless_it_is_recorded(trial: Trial) -> None:
    """The bill is the stand-in's own: every reply that it began, whoever received it."""
    for repository, job in trial.jobs.items():
        why = trial.deaths.get(repository, repository)
        again = len(trial.asked[repository]) - TURNS
        crashes = len(trial.c.plan.died(subject_of(repository)))
        assert 0 <= again <= (1 if repository in LOST_REPLIES else crashes), why
        if repository in trial.unanswered:
            assert again == 0, why
        bill, certain = trial.bill(repository), job.cost_usd - job.uncertain_cost_usd
        assert certain <= bill <= job.cost_usd, why
        if again:
            assert job.uncertain_cost_usd > 0, why
            assert trial.told(repository, EventKind.PAID_TWICE) >= again, why


def a_reply_that_reached_the_worker_is_never_paid_twice(trial: Trial) -> None:
    """Its bytes are stored before the record that points to them; the next attempt adopts them."""
    reached = [
        repository for repository, death in trial.deaths.items() if death.process == "worker"
    ]
    paid_twice = [
        str(trial.deaths[repository])
        for repository in reached
        if len(trial.asked[repository]) > TURNS
        and not trial.deaths[repository].name.startswith("blobs.put")
    ]

    assert paid_twice == []


def a_job_that_is_killed_at_every_step_comes_to_its_end(trial: Trial) -> None:
    job = trial.jobs[AT_EVERY_STEP]

    assert job.attempts > TURNS
    died = len(trial.c.plan.died(subject_of(AT_EVERY_STEP)))
    assert job.attempts == died + 1 + trial.taken_back(AT_EVERY_STEP)


def an_answer_that_is_lost_costs_no_attempt(trial: Trial) -> None:
    for repository, point in trial.unanswered.items():
        job = trial.jobs[repository]
        assert job.attempts == 1, point
        assert job.uncertain_cost_usd == 0, point


CHECKS: tuple[Callable[[Trial], None], ...] = (
    every_planned_death_came,
    every_job_ends_with_the_same_patch,
    every_job_has_one_branch_and_one_pull_request,
    every_job_is_settled_once,
    every_thread_is_whole,
    no_reply_is_paid_twice_unless_it_is_recorded,
    a_reply_that_reached_the_worker_is_never_paid_twice,
    a_job_that_is_killed_at_every_step_comes_to_its_end,
    an_answer_that_is_lost_costs_no_attempt,
)
"""What must hold of all of them, wherever the records live."""
