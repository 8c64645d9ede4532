"""One job, told as a story: claim, workspace, converse, patch, check, publish, settle.

A new attempt begins again at the top: it clones the pinned commit, replays what was recorded, and
goes on with the next step. Whatever happens, the job is left in a state from which somebody can go
on: ended, waiting, queued, or running under a lease that will expire.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from codybatch.agent.task import ConversationEnd
from codybatch.domain.errors import (
    CalledOff,
    CodeHostCredentialRefused,
    CodeHostThrottled,
    IllegalTransition,
    JobEnded,
    LeaseHeld,
    LeaseLost,
    RepositoryUnavailable,
)
from codybatch.domain.events import Event, EventKind, EventLevel
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import AttemptOwner, Patch, Waiting
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import (
    Publication,
    PublicationKind,
    PublishMode,
    WithheldReason,
)
from codybatch.domain.repositories import Profile
from codybatch.domain.requests import Request
from codybatch.domain.states import EndedBecause, Phase, WaitingReason
from codybatch.domain.threads import BlobRef
from codybatch.services.lineages import OPEN, last_noted
from codybatch.services.publication import Proposal
from codybatch.worker.attempt import LEASE_FOR, Attempt, Stopped, StopReason
from codybatch.worker.briefing import brief, parents_patch
from codybatch.worker.conversation import Conversation, ConversationDied
from codybatch.worker.departure import (
    Departure,
    MustWaitForService,
    WorkerExit,
    service_asks_to_wait,
)
from codybatch.worker.failures import ending_of, is_mended_outside, pause_before_retry, told
from codybatch.worker.outcome import outcome_fields
from codybatch.worker.surroundings import Surroundings
from codybatch.workspace.checkout import Workspace, check_out
from codybatch.workspace.gate import inspect
from codybatch.workspace.patch import MadePatch, UnprovenPatch, make_patch
from codybatch.workspace.processes import Bounds
from codybatch.workspace.profile import profile
from codybatch.workspace.redaction import SecretScanner
from codybatch.workspace.tree import WorkTree

log = logging.getLogger(__name__)

MAX_FRUITLESS_ATTEMPTS = 8
"""After so many attempts in a row that a fault ended without one step further, the job is given up.
"""


MAX_PATHS = 1000
"""Changed paths that a job's record keeps."""


def claim(job_id: JobId, owner: AttemptOwner, around: Surroundings) -> Attempt | None:
    """Take the job's lease; None where there is nothing to do for this process.

    Args:
        job_id: which job.
        owner: this process, as the engine knows it.
        around: what to work with.

    Raises:
        NotFound: there is no such job.
    """
    now = around.clock.now()
    try:
        job = around.records.claim(job_id, owner, now, now + LEASE_FOR)
    except (LeaseHeld, JobEnded, IllegalTransition) as reason:
        log.info("nothing to do for %s: %s", job_id, reason)
        return None
    assert job.lease is not None  # noqa: S101 - a claimed job has one
    return Attempt(job, job.lease, around.records, around.clock)


class Work:
    """The story of one attempt."""

    def __init__(self, attempt: Attempt, around: Surroundings) -> None:
        """Tell the story of ``attempt``, which may be interrupted by signals."""
        self.attempt = attempt
        self.around = around
        self.departure = Departure(attempt, around)
        self.scanner = SecretScanner()
        self.workspace: Workspace | None = None

    def do(self) -> WorkerExit:
        """Work on the job as far as it goes, whatever happens on the way.

        Raises:
            StoreError: the store cannot be written; the lease then expires, and the job goes on
                later.
        """
        try:
            return self._do()
        except LeaseLost:
            log.warning("%s: the lease was lost; nothing more is written", self.attempt.job.id)
            return WorkerExit.DONE

    def _do(self) -> WorkerExit:
        try:
            with self._folder() as folder:
                return self._do_in(folder)
        except OSError as error:  # there can be no folder
            return self._fail(error)

    def _do_in(self, folder: Path) -> WorkerExit:
        try:
            return self._story(folder)
        except Stopped:
            return self._leave()
        except MustWaitForService as reason:
            return self.departure.wait(reason.waiting)
        except ConversationDied as error:
            return self.departure.try_again(error)
        except LeaseLost:
            raise
        except Exception as error:
            log.exception("%s: the attempt failed", self.attempt.job.id)
            return self._fail(error)

    def _story(self, folder: Path) -> WorkerExit:
        request = self.around.records.request(self.attempt.job.request)
        self._look_before_working()
        with Conversation(self.attempt, self.around) as conversation:
            workspace = self._make_workspace(folder)
            end = self._converse(conversation, request, workspace)
        if end.waiting:
            return self.departure.wait(end.waiting)
        self._note_outcome(end)
        made = self._make_patch(workspace)
        because = end.ended_because or EndedBecause.INTERNAL_ERROR
        self._publish(request, workspace, made, because)
        return self.departure.settle(because, end.detail)

    # 1: claim

    def _look_before_working(self) -> None:
        job = self.attempt.job
        again = f" (attempt {job.attempts})" if job.attempts > 1 else ""
        text = f"A worker took the job{again}."
        taken = Event(at=self.around.clock.now(), kind=EventKind.CLAIMED, text=text)
        # Counted before anything can end this attempt; and whoever was cancelled learns it here.
        log_of_this = {"log": self.around.log} if self.around.log else {}
        self.attempt.note(fruitless_attempts=job.fruitless_attempts + 1, **log_of_this)
        self.attempt.commit(events=[taken])
        self._give_up_what_keeps_dying(job.fruitless_attempts)
        self._wait_with_the_others(self.around.credential, self.around.code_host_credential)

    def _give_up_what_keeps_dying(self, before: int) -> None:
        if before >= MAX_FRUITLESS_ATTEMPTS:
            raise RuntimeError(f"{before} attempts in a row ended without one step further.")

    def _wait_with_the_others(self, *credentials: str) -> None:
        """Wait at once where another job has just found one of these credentials refused."""
        now = self.around.clock.now()
        for credential in credentials:
            trouble = self.around.records.credential_trouble(credential)
            if trouble and trouble.until > now:
                raise MustWaitForService(
                    Waiting(
                        reason=WaitingReason.CREDENTIAL,
                        since=now,
                        until=trouble.until,
                        detail=trouble.reason,
                        credential=trouble.credential,
                    )
                )

    def _code_host_works(self) -> None:
        """It took the credential: whoever waits for it may go on."""
        credential = self.around.code_host_credential
        if self.around.records.credential_trouble(credential) is not None:
            self.around.records.forget_credential_trouble(credential)

    # 2: workspace

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        """A folder for this attempt alone; what earlier attempts left is removed."""
        mine = self.around.folder / self.attempt.job.id / f"a{self.attempt.lease.fence:04d}"
        mine.mkdir(parents=True, exist_ok=True)
        self._remove_up_to(mine, including=False)
        try:
            yield mine
        finally:
            with suppress(OSError):
                self._remove_up_to(mine, including=True)
                mine.parent.rmdir()

    def _remove_up_to(self, mine: Path, *, including: bool) -> None:
        """Remove earlier attempts' folders, never a later one's: it may be at work already."""
        for folder in mine.parent.iterdir():
            is_earlier = (len(folder.name), folder.name) < (len(mine.name), mine.name)
            if is_earlier or (including and folder == mine):
                shutil.rmtree(folder, ignore_errors=True)

    def _make_workspace(self, folder: Path) -> Workspace:
        job = self.attempt.job
        self.attempt.enter(Phase.CLONING)
        self.around.allowed.check(job.repository)
        try:
            self.workspace = check_out(
                folder,
                self.around.code_host().git_access(job.repository),
                job.commit,
                self.around.limits,
                parents_patch(job, self.around.records, self.around.blobs),
                self.attempt.interrupted,
            )
        except (CodeHostThrottled, CodeHostCredentialRefused) as error:
            raise service_asks_to_wait(error, self.around) from None
        finally:
            self.attempt.check()
        self._code_host_works()
        return self.workspace

    def _profile(self, tree: WorkTree) -> Profile:
        if self.attempt.job.profile is None:
            self.attempt.enter(Phase.PROFILING)
            self.attempt.note(profile=profile(tree))
        assert self.attempt.job.profile is not None  # noqa: S101 - noted just now
        return self.attempt.job.profile

    # 3: converse

    def _converse(
        self, conversation: Conversation, request: Request, workspace: Workspace
    ) -> ConversationEnd:
        tree = WorkTree(workspace.tree_path, workspace.manifest)
        found = self._profile(tree)
        task = brief(self.attempt.job, found, request, tree, self.around.records)
        self.attempt.enter(Phase.CONVERSING)
        end = conversation.hold(task, workspace, self.attempt.job.lineage.salt)
        if end.waiting is None:
            self.around.records.forget_credential_trouble(self.around.credential)
        return end

    def _note_outcome(self, end: ConversationEnd) -> None:
        self.attempt.note(**outcome_fields(end, self.around.net.clean))

    # 4 and 5: patch, check

    def _make_patch(self, workspace: Workspace) -> MadePatch | None:
        if self.attempt.job.kind is not Kind.CHANGE:
            return None
        self.attempt.enter(Phase.CHECKING)
        try:
            return self._store_patch(workspace, Bounds(abort=self.attempt.interrupted))
        except CalledOff:
            self.attempt.check()
            raise

    def _store_patch(self, workspace: Workspace, bounds: Bounds) -> MadePatch | None:
        try:
            made = make_patch(workspace, self.scanner, bounds)
        except UnprovenPatch as error:  # kept and shown all the same, and never published
            self.attempt.note(patch=_kept(error.made, self._put_patch(error.made), applies=False))
            raise
        if made is None:
            return None
        gate = inspect(made.content, workspace, self.scanner, bounds=bounds)
        self.attempt.note(patch=_kept(made, self._put_patch(made)), gate=gate)
        if gate:
            text = f"The gate found {len(gate)} thing(s) that a person should look at first."
            self.attempt.tell(EventKind.GATE, text, EventLevel.WARNING)
        return made

    def _put_patch(self, made: MadePatch) -> BlobRef:
        key = f"jobs/{self.attempt.job.id}/a{self.attempt.lease.fence:04d}/change.patch"
        return self.around.blobs.put(key, made.content)

    # 6: publish

    def _publish(
        self,
        request: Request,
        workspace: Workspace,
        made: MadePatch | None,
        because: EndedBecause,
    ) -> None:
        if request.options.publish is PublishMode.NONE:
            return
        if made is None:
            self._say_what_stays_open()
            return
        self.attempt.enter(Phase.PUBLISHING)
        self._wait_with_the_others(self.around.code_host_credential)
        try:
            proposal = Proposal(self.attempt.job, request, workspace, made, because)
            publication = self.around.publisher.publish(
                proposal, self._commit, self.attempt.tell, self.attempt.interrupted
            )
        except CalledOff:
            self.attempt.check()
            raise
        except (CodeHostThrottled, CodeHostCredentialRefused) as error:
            raise service_asks_to_wait(error, self.around) from None
        except RepositoryUnavailable as error:
            if pause_before_retry(error, self.attempt.job.fruitless_attempts) is not None:
                raise
            publication = self._unpublished(error)  # the work is done, and not lost for that
        self.attempt.note(publication=publication)

    def _say_what_stays_open(self) -> None:
        """Nothing is left of a change that an earlier job of the lineage proposed."""
        job = self.attempt.job
        proposed = last_noted(self.around.records.lineage(job.lineage.root))
        if job.kind is not Kind.CHANGE or proposed is None or proposed.state != OPEN:
            return
        detail = (
            f"No change is left to propose, and {proposed.url} still shows the earlier one: close "
            "it where that is not wanted."
        )
        self.attempt.tell(EventKind.WITHHELD, detail, EventLevel.WARNING)
        self.attempt.note(publication=job.publication.with_(detail=detail))

    def _unpublished(self, error: RepositoryUnavailable) -> Publication:
        detail = self.around.net.clean(f"It could not be reached for a long time: {error}")
        self.attempt.tell(EventKind.WITHHELD, detail, EventLevel.WARNING)
        return self.attempt.job.publication.with_(
            kind=PublicationKind.WITHHELD,
            reasons=(WithheldReason.CODE_HOST_REFUSED,),
            detail=detail,
        )

    def _commit(self, publication: Publication) -> None:
        self.attempt.note(publication=publication)
        self.attempt.commit()

    # 7: settle, or leave the job so that somebody can go on

    def _leave(self) -> WorkerExit:
        if self._is_cancelled():
            self._keep_partial_patch()
            return self.departure.settle(EndedBecause.CANCELLED)
        if self.attempt.stop_reason is StopReason.SHUTDOWN:
            return self.departure.hand_on()
        return WorkerExit.DONE

    def _is_cancelled(self) -> bool:
        """Whether a person cancelled the job; the engine's signal may be faster than the word."""
        reason = self.attempt.stop_reason
        return reason is StopReason.CANCELLED or (
            reason is StopReason.SHUTDOWN
            and self.around.records.job(self.attempt.job.id).cancel_requested
        )

    def _fail(self, error: Exception) -> WorkerExit:
        pause = pause_before_retry(error, self.attempt.job.fruitless_attempts)
        if pause is not None:
            now = self.around.clock.now()
            waiting = Waiting(
                reason=WaitingReason.THROTTLED, since=now, until=now + pause, detail=told(error)
            )
            return self.departure.wait(waiting, after_fault=not is_mended_outside(error))
        self._keep_partial_patch()
        return self.departure.settle(ending_of(error), str(error) or type(error).__name__)

    def _keep_partial_patch(self) -> None:
        """Whatever was changed so far is kept and shown; that it cannot be is no second failure."""
        if self.workspace is None or self.attempt.job.kind is not Kind.CHANGE:
            return
        try:
            self._store_patch(self.workspace, Bounds())
        except Exception:
            log.exception("%s: the partial patch could not be made", self.attempt.job.id)


def _kept(made: MadePatch, blob: BlobRef, *, applies: bool = True) -> Patch:
    """What the record keeps of a patch."""
    return Patch(
        blob=blob,
        files=made.files,
        additions=made.additions,
        deletions=made.deletions,
        paths=made.paths[:MAX_PATHS],
        applies=applies,
        redacts_secret=made.removed_secret,
    )
