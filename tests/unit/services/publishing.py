"""What publication is tested with: real git, real HTTP, a real store, and death at any act."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeVar, cast

from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import Job, Lineage, LineageRelation
from codybatch.domain.publication import (
    Publication,
    PublicationKind,
    PublishMode,
    WithheldReason,
    branch_of_lineage,
)
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.requests import RequestOptions
from codybatch.domain.states import EndedBecause
from codybatch.github.code_host import GitHubCodeHost
from codybatch.github.write_gate import WriteGate
from codybatch.ports import CodeHost, GitAccess, OnWait, Records
from codybatch.services.publication import Proposal, Publisher
from codybatch.standins.github import GitHubStandin
from codybatch.workspace.checkout import Workspace, check_out
from codybatch.workspace.patch import MadePatch, make_patch
from codybatch.workspace.redaction import Net, SecretScanner
from tests.contracts.examples import NOON, an_owner, created, lease_of, succeeded

FILES = {"a.txt": "one\ntwo\nthree\n", "b.txt": "b\n"}
CHANGE = {"a.txt": b"one\nTWO\nthree\n", "new.txt": b"new\n"}
SECRET = "hunter2-is-our-secret"

Given = TypeVar("Given")


class Died(BaseException):
    """The process ended here."""


@dataclass
class Acts:
    """What is done, in order; the process dies before or after the act with a number."""

    dies_at: tuple[int, str] | None = None
    done: list[str] = field(default_factory=list)
    is_dead: bool = False

    def act(self, name: str, act: Callable[[], Given]) -> Given:
        number = len(self.done)
        self._die_if(self.is_dead or self.dies_at == (number, "before"))
        given = act()
        self.done.append(name)
        self._die_if(self.dies_at == (number, "after"))
        return given

    def _die_if(self, due: bool) -> None:
        if due:
            self.is_dead = True  # whatever is tidied up on the way out is not done either
            self.die()

    def die(self) -> NoReturn:
        """End the process, as far as a test can see."""
        raise Died


class MortalHost:
    """The real code host, whose acts can be the last."""

    def __init__(self, host: CodeHost, acts: Acts) -> None:
        self._host = host
        self._acts = acts

    def waiting(self, on_wait: OnWait) -> MortalHost:
        return MortalHost(self._host.waiting(on_wait), self._acts)

    def git_access(self, repository: RepositoryRef, write: bool = False) -> GitAccess:
        if not write:
            return self._host.git_access(repository)
        return self._acts.act("push", lambda: self._host.git_access(repository, write=True))

    def open_pull_request(self, *args: Any) -> Any:
        return self._acts.act("create", lambda: self._host.open_pull_request(*args))

    def update_pull_request(self, *args: Any) -> Any:
        return self._acts.act("update", lambda: self._host.update_pull_request(*args))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)


@dataclass
class SteadyClock:
    """The time, put forward by whoever sleeps."""

    ahead: timedelta = timedelta()
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        del until
        self.slept.append(seconds)
        self.ahead += timedelta(seconds=seconds)


@dataclass
class Stage:
    """A job whose patch is made, and what it needs to be published."""

    github: GitHubStandin
    records: Records
    folder: Path
    name: str
    job: Job
    workspace: Workspace
    made: MadePatch
    clock: SteadyClock = field(default_factory=SteadyClock)
    told: list[tuple[EventKind, str, EventLevel]] = field(default_factory=list)
    abort: threading.Event = field(default_factory=threading.Event)

    @property
    def branch(self) -> str:
        """The lineage's branch."""
        lineage = self.job.lineage
        return branch_of_lineage(lineage.root, self.job.repository_id, lineage.root_title)

    @property
    def head(self) -> str | None:
        """Where the lineage's branch points."""
        return self.github.bare(self.name).branch(self.branch)

    @property
    def heads(self) -> set[str]:
        """All branches beside the default one."""
        return set(self.github.bare(self.name).branches()) - {"main"}

    @property
    def pulls(self) -> list[Any]:
        """All pull requests."""
        return self.github.pull_requests(self.name)

    def stored(self) -> Publication:
        """What a later attempt knows."""
        return self.records.job(self.job.id).publication

    def publish(
        self,
        because: EndedBecause = EndedBecause.FINISHED,
        overridden_by: str | None = None,
        acts: Acts | None = None,
    ) -> Publication:
        """Publish as a new process would: nothing is known but what is stored."""
        acts = acts or Acts()
        attempt = self.records.job(self.job.id).attempts + 1
        now = self.clock.now()
        owner = an_owner(attempt=attempt, engine_job=self.job.id)
        job = self.records.claim(self.job.id, owner, now, now + timedelta(minutes=5))
        host = GitHubCodeHost(
            self.github.api_url,
            self.github.url,
            self.github.tokens["service"],
            self.clock,
            WriteGate(0.0),
        )

        def note(publication: Publication) -> None:
            noted = job.with_(publication=publication)
            acts.act("note", lambda: self.records.commit(lease_of(job), noted))

        def tell(kind: EventKind, text: str, level: EventLevel = EventLevel.INFO) -> None:
            acts.act(f"tell {kind}", lambda: self.told.append((kind, text, level)))

        mortal = cast("CodeHost", MortalHost(host, acts))
        net = Net([SECRET], SecretScanner())
        publisher = Publisher(lambda: mortal, self.records, self.clock, net)
        person = Person(overridden_by) if overridden_by else None
        request = self.records.request(job.request)
        proposal = Proposal(job, request, self.workspace, self.made, because, person)
        try:
            publication = publisher.publish(proposal, note, tell, self.abort)
            note(publication)
            return publication
        finally:
            host.close()

    def follow_up(
        self, change: Mapping[str, bytes], publish: PublishMode | None = None, **changes: Any
    ) -> Stage:
        """A job that goes on where this one ended, on the same pinned commit."""
        now = self.records.job(self.job.id)
        if not now.state.is_terminal:
            self.records.settle(lease_of(now), succeeded(now))
        lineage = Lineage(
            root=self.job.lineage.root,
            root_title=self.job.lineage.root_title,
            parent=self.job.id,
            relation=LineageRelation.FOLLOW_UP,
        )
        mode = publish or self.records.request(self.job.request).options.publish
        where = (self.github, self.records, self.folder, self.name)
        later = self.job.created_at + timedelta(minutes=1)
        return _staged(*where, change, mode, at=later, lineage=lineage, **changes)


def withheld(publication: Publication) -> tuple[WithheldReason, ...]:
    """Why it was withheld, which it must have been."""
    assert publication.kind is PublicationKind.WITHHELD, publication
    return publication.reasons


class Staging(Protocol):
    """Makes a stage with what a test names, and defaults."""

    def __call__(self, **facts: Any) -> Stage: ...


def stage(
    github: GitHubStandin,
    records: Records,
    folder: Path,
    *,
    publish: PublishMode = PublishMode.DRAFT,
    change: Mapping[str, bytes] = CHANGE,
    rights: str = "push",
    options: Mapping[str, Any] | None = None,
    **job: Any,
) -> Stage:
    """A repository of its own, a job on it, and the job's patch."""
    name = f"acme/r{len(github._site.state.repositories)}"
    github.add_repository(name, files=FILES, permissions={"service": rights})
    return _staged(github, records, folder, name, change, publish, options, **job)


def _staged(
    github: GitHubStandin,
    records: Records,
    folder: Path,
    name: str,
    change: Mapping[str, bytes],
    publish: PublishMode,
    options: Mapping[str, Any] | None = None,
    at: datetime = NOON,
    **job: Any,
) -> Stage:
    commit = github.bare(name).branches()["main"]
    facts = {"commit": commit, "repository_id": str(github.repository(name).id)}
    text = {"title": "Write TWO", "summary": "Wrote TWO in capitals."}
    wanted = RequestOptions(model="claude-sonnet-5-5", publish=publish, **(options or {}))
    written = {**facts, **text, **job}
    made = created(records, at, repositories=name, options=wanted, job=written).jobs[0]
    access = GitAccess(f"{github.url}/{name}.git", token=github.tokens["service"], allow_http=True)
    workspace = check_out(folder / made.id, access, commit)
    for path, content in change.items():
        target = workspace.tree_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    patch = make_patch(workspace)
    assert patch is not None
    return Stage(github, records, folder, name, made, workspace, patch)
