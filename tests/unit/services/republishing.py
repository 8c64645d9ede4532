"""What publishing after the job is tested with: a job that has ended, and death at any act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, cast

from codybatch.domain.events import StoredEvent
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import Job, Patch
from codybatch.domain.publication import GateFinding, Publication, PublishMode
from codybatch.domain.repositories import AllowList
from codybatch.domain.states import ENDINGS, EndedBecause
from codybatch.github.code_host import GitHubCodeHost
from codybatch.github.write_gate import WriteGate
from codybatch.ports import Blobs, Clock, CodeHost, Records
from codybatch.services.publication import Publisher
from codybatch.services.publishing import Published, Publishing
from codybatch.workspace.checkout import WorkspaceLimits
from codybatch.workspace.redaction import Net, SecretScanner
from tests.contracts.examples import an_owner, lease_of
from tests.unit.services.publishing import SECRET, Acts, MortalHost, Stage

DANA = Person("dana")
ALLOWED = AllowList.parse("acme/*")


class MortalRecords:
    """The real records, whose writes can be the last thing that a process does."""

    def __init__(self, records: Records, acts: Acts) -> None:
        self._records = records
        self._acts = acts

    def update_job(self, *args: Any) -> Any:
        return self._acts.act("note", lambda: self._records.update_job(*args))

    def add_events(self, *args: Any) -> Any:
        return self._acts.act("tell", lambda: self._records.add_events(*args))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)


@dataclass(frozen=True)
class Place:
    """Where a store and a code host are."""

    home: Path
    folder: Path
    api_url: str
    server_url: str
    token: str


def service_at(
    place: Place,
    records: Records,
    blobs: Blobs,
    clock: Clock,
    acts: Acts,
    allowed: AllowList = ALLOWED,
) -> Publishing:
    """What publishes at a place; each of its acts can be the last."""
    host = GitHubCodeHost(place.api_url, place.server_url, place.token, clock, WriteGate(0.0))
    mortal_host = cast("CodeHost", MortalHost(host, acts))
    mortal = cast("Records", MortalRecords(records, acts))
    net = Net([SECRET], SecretScanner())
    return Publishing(
        records=mortal,
        blobs=blobs,
        code_host=lambda: mortal_host,
        publisher=Publisher(lambda: mortal_host, mortal, clock, net),
        clock=clock,
        allowed=allowed,
        limits=WorkspaceLimits(),
        scanner=SecretScanner(),
        folder=place.folder,
    )


@dataclass
class Ended:
    """A job that has ended with a patch, and what a later call of publish needs."""

    stage: Stage
    blobs: Blobs
    watched: list[str] = field(default_factory=list)

    @property
    def job(self) -> Job:
        """The job as it is stored."""
        return self.stage.records.job(self.stage.job.id)

    @property
    def publication(self) -> Publication:
        """Its publication as it is stored."""
        return self.job.publication

    @property
    def events(self) -> tuple[StoredEvent, ...]:
        """The lines of its life."""
        return self.stage.records.events(self.job.id)

    @property
    def folder(self) -> Path:
        """Where check-outs stand."""
        return self.stage.folder / "publishing"

    @property
    def place(self) -> Place:
        """Where all this is, for another process."""
        github = self.stage.github
        home = self.stage.folder / "home"
        return Place(home, self.folder, github.api_url, github.url, github.tokens["service"])

    def service(self, acts: Acts | None = None, allowed: AllowList = ALLOWED) -> Publishing:
        """What publishes, as a process of its own would make it."""
        where = (self.place, self.stage.records, self.blobs, self.stage.clock)
        return service_at(*where, acts or Acts(), allowed)

    def publish(
        self,
        mode: PublishMode | None = None,
        *,
        override: bool = False,
        by: Person = DANA,
        acts: Acts | None = None,
        allowed: AllowList = ALLOWED,
    ) -> Published:
        """Publish it as a new process would."""
        service = self.service(acts, allowed)
        return service.publish(
            self.job.id, by, mode=mode, override=override, watch=self.watched.append
        )


class Ending(Protocol):
    """Makes an ended job with what a test names: of its stage, and of its ending."""

    def __call__(self, facts: Mapping[str, Any] | None = None, **ending: Any) -> Ended: ...


def end(
    stage: Stage,
    blobs: Blobs,
    *,
    because: EndedBecause = EndedBecause.FINISHED,
    gate: tuple[GateFinding, ...] = (),
    publication: Publication | None = None,
    applies: bool = True,
    content: bytes | None = None,
    **changes: Any,
) -> Ended:
    """End a stage's job with the patch that was made, not published unless a test says so."""
    now = stage.clock.now()
    owner = an_owner(engine_job=stage.job.id)
    job = stage.records.claim(stage.job.id, owner, now, now + timedelta(minutes=5))
    made = stage.made
    ref = blobs.put(f"jobs/{job.id}/a0001/change.patch", content or made.content)
    patch = Patch(
        blob=ref,
        files=made.files,
        additions=made.additions,
        deletions=made.deletions,
        paths=made.paths,
        applies=applies,
    )
    ended = job.with_(
        **{
            "state": ENDINGS[because].state,
            "ended_because": because,
            "ended_at": now,
            "patch": patch,
            "gate": gate,
            "publication": publication or job.publication,
            **changes,
        }
    )
    stage.records.settle(lease_of(job), ended)
    return Ended(stage, blobs)
