"""A store with a job in every state, for whoever looks at the workbench."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from codybatch.domain.findings import Confidence, Decision, Finding, Severity, Verdict
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import Job, Patch, Progress, Waiting
from codybatch.domain.money import Budget, Usage
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import (
    GateFinding,
    GateRule,
    Publication,
    PublicationKind,
    PullRequest,
    WithheldReason,
)
from codybatch.domain.states import EndedBecause, JobState, Phase, WaitingReason
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import an_owner, created, lease_of

DIFF = b"""\
diff --git a/src/ingest.py b/src/ingest.py
--- a/src/ingest.py
+++ b/src/ingest.py
@@ -1,2 +1,2 @@
-now = datetime.utcnow()
+now = datetime.now(timezone.utc)
 print(now)
"""
AWKWARD = (
    "<b>bold</b> **md** [x](http://x.invalid) ![i](http://x.invalid/i.png) :material/check: "
    ":red[a] :smile: $b$ a -> b"
)
"""Markup of every kind that a page could fall for."""
HIDING = "abc\u202edef\x1b[31m\u200b"
SECRET = "ghp_" + "a1B2" * 9
PULL_REQUEST = "https://github.example/acme/api/pull/7"


@dataclass
class Gallery:
    """Makes jobs in a store through the store's own interface, each older than the one before."""

    home: Path

    def __post_init__(self) -> None:
        """Open the store."""
        self.store = EmbeddedStore(self.home)
        self.records = self.store.records
        self.made = 0

    def queued(self, repository: str = "acme/api", **changes: Any) -> Job:
        """A job that waits for its turn."""
        self.made += 1
        at = datetime.now(UTC) - timedelta(minutes=7 * self.made)
        return created(self.records, at, repositories=repository, **changes).jobs[0]

    def running(self, repository: str = "acme/api", **changes: Any) -> Job:
        """A job at work, in its 14th turn."""
        job = self._claimed(repository, **changes)
        at_work = {"phase": Phase.CONVERSING, "started_at": job.started_at}
        self.records.commit(lease_of(job), job.with_(**at_work))
        progress = Progress(turn=14, last_tool="edit_file src/ingest.py")
        self.records.renew(lease_of(job), progress, datetime.now(UTC) + timedelta(minutes=1))
        return self.records.job(job.id)

    def ended(
        self,
        repository: str = "acme/api",
        because: EndedBecause = EndedBecause.FINISHED,
        state: JobState = JobState.SUCCEEDED,
        **result: Any,
    ) -> Job:
        """A job that ended; ``patch`` is its bytes."""
        request = {name: result.pop(name) for name in ("title_of_request",) if name in result}
        fields = {"kind": result.pop("kind", Kind.CHANGE), "owned": result.pop("owned", True)}
        job = self._claimed(
            repository, title=request.get("title_of_request", "Replace utcnow"), job=fields
        )
        self.settle(job, because, state, **result)
        return self.records.job(job.id)

    def settle(
        self,
        job: Job,
        because: EndedBecause = EndedBecause.FINISHED,
        state: JobState = JobState.SUCCEEDED,
        **result: Any,
    ) -> None:
        """End a running job."""
        worked: dict[str, Any] = {
            "ended_at": job.created_at + timedelta(minutes=3),
            "seconds_worked": 172.0,
            "cost_usd": Decimal("0.84"),
            "usage": Usage(input_tokens=100, cache_read_tokens=900, output_tokens=50),
        }
        if "patch" in result:
            result["patch"] = self._patch(job, result["patch"])
        self.records.settle(
            lease_of(job), job.with_(state=state, ended_because=because, **{**worked, **result})
        )

    def waiting(self, repository: str = "acme/api", **waiting: Any) -> Job:
        """A job that waits for its credential."""
        job = self._claimed(repository)
        why = {"reason": WaitingReason.CREDENTIAL, "since": job.created_at, **waiting}
        left = job.with_(state=JobState.WAITING, waiting=Waiting(**why))
        self.records.release(lease_of(job), left)
        return self.records.job(job.id)

    def request(self, *repositories: str, **changes: Any) -> tuple[Job, ...]:
        """The queued jobs of one request over some repositories."""
        self.made += 1
        at = datetime.now(UTC) - timedelta(minutes=7 * self.made)
        return created(self.records, at, repositories=" ".join(repositories), **changes).jobs

    def begun(self, job: Job) -> Job:
        """The same job at work."""
        until = datetime.now(UTC) + timedelta(minutes=1)
        return self.records.claim(job.id, an_owner(engine_job=job.id), job.created_at, until)

    def mixed_request(self) -> tuple[Job, ...]:
        """A request whose five jobs stand in five ways: done, early, failed, at work, waiting."""
        names = [f"acme/{name}" for name in ("api", "billing", "vanished", "ingest", "payments")]
        cap = Decimal(3)
        budget = Budget(cap_usd=cap)
        jobs = self.request(*names, title="Replace utcnow everywhere", budget=budget)
        self.settle(self.begun(jobs[0]), patch=DIFF, title="Use aware datetimes")
        self.settle(self.begun(jobs[1]), EndedBecause.TURN_LIMIT, JobState.PARTIAL, patch=DIFF)
        self.settle(self.begun(jobs[2]), EndedBecause.REPOSITORY_UNAVAILABLE, JobState.FAILED)
        self.begun(jobs[3])
        waits = Waiting(reason=WaitingReason.REQUEST_BUDGET, since=datetime.now(UTC), cap_usd=cap)
        last = self.begun(jobs[4])
        self.records.release(lease_of(last), last.with_(state=JobState.WAITING, waiting=waits))
        return tuple(self.records.job(job.id) for job in jobs)

    def cancelled(self, repository: str = "acme/api") -> Job:
        """A job that was cancelled before it began."""
        job = self.queued(repository)
        return self.records.request_cancel(job.id, datetime.now(UTC), job.requester)

    def everything(self) -> None:
        """One job of every kind and state, the way a busy week leaves them."""
        self.running("acme/ingest-service")
        self.queued("acme/web-frontend")
        self.waiting("acme/payments", detail="The service answered 401: invalid x-api-key.")
        self.published("acme/api")
        self.held_back("acme/infrastructure")
        self.ended(
            "acme/no-change-here",
            title="No change: everything is aware of its time zone",
            summary="Searched for utcnow(): no matches.",
            were_changes_necessary=False,
        )
        self.ended(
            "an-organisation-with-quite-a-long-name/a-repository-whose-name-goes-on-"
            "and-on-because-nobody-stopped-it-in-time",
            EndedBecause.TURN_LIMIT,
            JobState.PARTIAL,
            patch=DIFF,
        )
        self.ended(
            "acme/vanished",
            EndedBecause.REPOSITORY_UNAVAILABLE,
            JobState.FAILED,
            ended_detail="fatal: repository 'https://github.example/acme/vanished' not found",
        )
        self.cancelled("acme/second-thoughts")
        self.audited("acme/legacy-billing")
        self.hostile("acme/hostile_repo__x")

    def published(self, repository: str = "acme/api") -> Job:
        """A job whose pull request is open."""
        opened = PullRequest(
            number=7, url=PULL_REQUEST, node_id="PR_7", state="open", refreshed_at=datetime.now(UTC)
        )
        return self.ended(
            repository,
            patch=DIFF,
            title="Use timezone-aware datetimes",
            summary="Replaced utcnow() in one place.",
            verification="Searched again: nothing left.",
            confidence=Confidence.HIGH,
            follow_ups=("Run the linter over the tests, too.",),
            were_changes_necessary=True,
            publication=Publication(kind=PublicationKind.PULL_REQUEST, pull_request=opened),
        )

    def held_back(self, repository: str = "acme/api") -> Job:
        """A job whose patch the gate held back."""
        return self.ended(
            repository,
            patch=DIFF,
            title="Pin the actions by digest",
            summary="Pinned three actions.",
            were_changes_necessary=True,
            gate=(
                GateFinding(
                    rule=GateRule.SENSITIVE_PATH,
                    path=".github/workflows/ci.yml",
                    message="Workflows run with the repository's secrets.",
                ),
                GateFinding(
                    rule=GateRule.INVISIBLE_CHARACTER,
                    path="src/auth.py",
                    line=12,
                    message="U+202E RIGHT-TO-LEFT OVERRIDE",
                ),
            ),
            claim_mismatch="It named src/other.py as changed, which it is not.",
            publication=Publication(
                kind=PublicationKind.WITHHELD,
                reasons=(WithheldReason.GATE,),
                detail="Two findings.",
            ),
        )

    def audited(self, repository: str = "acme/api") -> Job:
        """An audit with two findings, the lesser one first."""
        return self.ended(
            repository,
            kind=Kind.AUDIT,
            title="Two findings in the billing code",
            summary="Looked at how queries are built.",
            were_changes_necessary=True,
            findings=(
                Finding(severity=Severity.LOW, rule="naming", path="b.py", message="Unclear name."),
                Finding(
                    severity=Severity.CRITICAL,
                    rule="sql-injection",
                    path="billing/query.py",
                    start_line=40,
                    end_line=44,
                    message="The name is put into the statement as it is.",
                    suggestion="Use a parameter.",
                ),
            ),
        )

    def hostile(self, repository: str = "acme/api") -> Job:
        """A job in which everything that others write attacks the page."""
        nasty = f"{AWKWARD} {HIDING} {SECRET} <script>window.hacked=1</script>"
        patch = DIFF.replace(b"+1,2 @@", b"+1,3 @@") + f"+{nasty}\n".encode()
        return self.ended(
            repository,
            EndedBecause.TURN_LIMIT,
            JobState.PARTIAL,
            title_of_request=f"Request {nasty}",
            patch=patch,
            title=f"Title {nasty}",
            summary=f"# Summary {nasty}\n\n```\n{nasty}",
            verification=f"Verified {nasty}",
            ended_detail=f"Detail {nasty}",
            claim_mismatch=f"Doubt {nasty}",
            follow_ups=(f"Next {nasty}",),
            were_changes_necessary=True,
            gate=(GateFinding(rule=GateRule.SECRET, path=f"a/{nasty}", line=1, message=nasty),),
            findings=(
                Finding(
                    severity=Severity.HIGH, rule=nasty, path=nasty, message=nasty, suggestion=nasty
                ),
            ),
            answer={nasty: nasty},
            publication=Publication(
                kind=PublicationKind.PULL_REQUEST,
                detail=nasty,
                pull_request=PullRequest(
                    number=1,
                    url="javascript:alert(1)",
                    node_id="PR_1",
                    state=nasty,
                    refreshed_at=datetime.now(UTC),
                ),
            ),
        )

    def request_of(self, *wanted: tuple[str, dict[str, Any]]) -> tuple[Job, ...]:
        """The ended jobs of one request: for each its repository, and what came of it."""
        self.made += 1
        at = datetime.now(UTC) - timedelta(minutes=7 * self.made)
        names = " ".join(name for name, _ in wanted)
        jobs = created(self.records, at, repositories=names).jobs
        for job, (_, result) in zip(jobs, wanted, strict=True):
            self.settle(self.begun(job), **result)
        return tuple(self.records.job(job.id) for job in jobs)

    def judge(self, job: Job, by: str, decision: Decision, **more: Any) -> None:
        """Somebody's verdict."""
        verdict = Verdict(
            job=job.id, rater=Person(by), decision=decision, at=datetime.now(UTC), **more
        )
        self.records.put_verdict(verdict)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def _claimed(self, repository: str, **changes: Any) -> Job:
        return self.begun(self.queued(repository, **changes))

    def _patch(self, job: Job, content: bytes) -> Patch:
        blob = self.store.blobs.put(f"jobs/{job.id}/patch", content)
        return Patch(blob=blob, files=1, additions=1, deletions=1, paths=("src/ingest.py",))
