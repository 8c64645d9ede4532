"""Every error of Cody Batch: one base, a class a cause, the docstring is the default message.

A message names what was wrong, the limit where there is one, and the next step. ``exit_status``
is what the command line leaves with: 1 the work failed, 2 wrong usage, 3 refused by policy or
budget. ``code`` is the error's name in the HTTP API and in logs.
"""

from __future__ import annotations

import inspect
import re
from datetime import datetime
from typing import ClassVar


def _one_line(docstring: str) -> str:
    return " ".join(inspect.cleandoc(docstring).split("\n\n")[0].split())


_IN_THE_LOG = "the log has the words"


class CodyBatchError(Exception):
    """Something went wrong."""

    exit_status: ClassVar[int] = 1

    def __init__(self, message: str | None = None, *, quoted: str = "") -> None:
        """Keep ``message``; without one, the first paragraph of the class's docstring.

        Args:
            message: for people.
            quoted: what of it is another service's words: they may name accounts and roles.
        """
        self.message = message or _one_line(self.__doc__ or "")
        self.quoted = quoted
        super().__init__(self.message)

    @property
    def discreet(self) -> str:
        """The message for those who only ask from afar: a service's words are in the log alone."""
        return self.message.replace(self.quoted, _IN_THE_LOG) if self.quoted else self.message

    @property
    def code(self) -> str:
        """The error's name in snake_case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


# --- wrong usage -------------------------------------------------------------------------------


class UsageError(CodyBatchError):
    """What was asked for cannot be understood."""

    exit_status = 2


class UnknownIdentifier(UsageError):
    """There is nothing with this id."""


class TooManyToSum(UsageError):
    """More jobs were submitted since then than one answer sums up."""


class InvalidSetting(UsageError):
    """A setting has a value that cannot be used. `codybatch doctor` explains each."""


class InvalidRepository(UsageError):
    """A repository is written owner/name or owner/name@ref."""


class InvalidSelection(UsageError):
    """What was asked for chooses no repositories: the source or a filter cannot be understood."""


class InvalidPrompt(UsageError):
    """The prompt cannot be used as it is."""


class UnknownPrompt(UsageError):
    """There is no prompt with this name. `codybatch prompts list` shows them."""


class PromptArchived(UsageError):
    """The prompt is archived. `codybatch prompts unarchive` takes it up again."""


class MissingVariable(UsageError):
    """The prompt names a variable that was given no value. Give it with --var name=value."""


class UnsupportedSchema(UsageError):
    """The answer's JSON Schema uses something that cannot be held."""


class InvalidSchedule(UsageError):
    """The schedule cannot be kept as it is."""


class UnknownSchedule(UsageError):
    """There is no such schedule. `codybatch schedules list` shows them."""


class ScheduleBusy(UsageError):
    """The schedule's last request has not ended. Wait until it has, or cancel it."""


class InvalidExperiment(UsageError):
    """The experiment cannot be kept as it is."""


class UnknownExperiment(UsageError):
    """There is no such experiment. `codybatch experiments list` shows them."""


class InvalidCursor(UsageError):
    """This page cursor is not one of ours, or belongs to another list. Begin again without it."""


class IdempotencyConflict(UsageError):
    """This idempotency key was used before, for a different request. Use a new key."""


class DocumentTooLarge(UsageError):
    """A person's document is larger than is kept of one."""


# --- refused by policy or budget ---------------------------------------------------------------


class PolicyError(CodyBatchError):
    """Not allowed by a setting or a permission."""

    exit_status = 3


class RepositoryNotAllowed(PolicyError):
    """The allow-list does not permit this repository."""


class NoAllowList(PolicyError):
    """No repository is allowed yet: set CODYBATCH_ALLOWED_REPOSITORIES, for example
    CODYBATCH_ALLOWED_REPOSITORIES='my-org/*,!my-org/secrets'.
    """


class TooManyRepositories(PolicyError):
    """A request takes at most as many repositories as CODYBATCH_MAX_REPOSITORIES_PER_REQUEST."""


class RepositoryRefused(PolicyError):
    """The repository exists, and cannot be worked on (archived, disabled, empty, too large)."""


class NotPermitted(PolicyError):
    """The service account may not do this there."""


class BudgetRefused(PolicyError):
    """A cost cap leaves no room for this."""


class ModelWithoutPrice(PolicyError):
    """The model has no known price, so no cost cap can hold.
    Give its price in the override file.
    """


class UnknownModel(PolicyError):
    """The service does not know this model."""


class PullRequestIsOpen(PolicyError):
    """The prompt has an open pull request in this repository already. Say with --existing whether
    to update it, to open another, or to skip the repository.
    """

    def __init__(self, message: str | None = None, *, found: str = "") -> None:
        """Keep which ones are open as a sentence of its own, for whoever asks in other words."""
        super().__init__(message)
        self.found = found


# --- the stores --------------------------------------------------------------------------------


class StoreError(CodyBatchError):
    """The store could not do this."""


class NotFound(StoreError):
    """There is no such record."""

    exit_status = 2


class StaleWrite(StoreError):
    """Somebody else changed this record first. Read it again, then try again."""


class LeaseHeld(StoreError):
    """Another worker holds this job."""


class LeaseLost(StoreError):
    """This worker no longer holds the job, so nothing of what it writes counts."""


class IllegalTransition(StoreError):
    """A job cannot go from its state to that one."""


class BlobExists(StoreError):
    """An object with this key exists and holds other bytes; objects are never replaced."""


class BlobMissing(StoreError):
    """The object that a record points to is not there."""


class BlobDamaged(StoreError):
    """An object's bytes do not have the digest they were stored with."""


class StoreDamaged(StoreError):
    """The database is damaged. `codybatch doctor` says how to mend it."""


class StoreFull(StoreError):
    """The disk is full. Free some space, then go on: nothing that was recorded is lost."""


class StoreTooNew(StoreError):
    """The store was written by a newer release of Cody Batch. Use that release or a newer one."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or asks us to slow down. Try again in a moment: nothing that was
    recorded is lost.
    """


class StoreRefused(StoreError):
    """The store refuses our credentials, or what was asked with them."""

    exit_status = 3


class StoreNotSetUp(StoreError):
    """A table or bucket that the settings name is not there."""

    exit_status = 2


# --- the code host and git ---------------------------------------------------------------------


class CodeHostError(CodyBatchError):
    """The code host did not do what was asked."""


class RepositoryNotFound(CodeHostError):
    """The code host knows no such repository, or the service account may not see it."""

    exit_status = 3


class BranchNotFound(CodeHostError):
    """The repository has no such branch, tag or commit."""

    exit_status = 3


class RepositoryUnavailable(CodeHostError):
    """The repository could not be reached."""


class RepositoryTooLarge(CodeHostError):
    """The repository is larger than the limits allow."""

    exit_status = 3


class RepositoryUnsupported(CodeHostError):
    """The repository holds something that a work tree cannot hold safely."""


class CodeHostCredentialRefused(CodeHostError):
    """The code host refused the credential. Check GITHUB_TOKEN."""

    exit_status = 3


class CodeHostThrottled(CodeHostError):
    """The code host asks us to wait."""

    def __init__(self, message: str | None = None, *, until: datetime) -> None:
        """Keep until when (aware) the code host wants us to wait."""
        super().__init__(message)
        self.until = until


class PushRefused(CodeHostError):
    """The code host refused the push."""


class BranchNotOurs(CodeHostError):
    """Somebody else changed this branch since we pushed it; it is never overwritten."""


class PullRequestRefused(CodeHostError):
    """The code host refused the pull request."""


class PatchDoesNotApply(CodyBatchError):
    """The patch does not apply to its base."""


class BaseConflict(PatchDoesNotApply):
    """The base branch moved on and the patch conflicts with it. Run the job again."""


class GitFailed(CodyBatchError):
    """git ended with an error."""

    def __init__(self, message: str | None = None, *, status: int = 1, said: str = "") -> None:
        """Keep the exit status (negative: a signal ended git) and what git said, redacted."""
        super().__init__(message)
        self.status = status
        self.said = said


class CalledOff(CodyBatchError):
    """The work was called off before it was done."""


# --- the work tree and its tools ---------------------------------------------------------------


class ToolRefused(CodyBatchError):
    """The tool cannot do this. Its message goes to the model and says what to do instead."""


# --- the model ---------------------------------------------------------------------------------


class ModelError(CodyBatchError):
    """The model's service did not do what was asked."""


class ModelInterrupted(ModelError):
    """The reply was cut off on the way and must be asked for again."""

    def __init__(self, message: str | None = None, *, may_have_been_paid: bool = True) -> None:
        """Keep whether the last reply asked for had begun, so that its tokens may be charged."""
        super().__init__(message)
        self.may_have_been_paid = may_have_been_paid


class ModelThrottled(ModelError):
    """The model's service asks us to wait."""

    def __init__(self, message: str | None = None, *, until: datetime) -> None:
        """Keep until when (aware) the service wants us to wait."""
        super().__init__(message)
        self.until = until


class ModelCredentialRefused(ModelError):
    """The model's service refused the credential or its quota. Check ANTHROPIC_API_KEY."""

    exit_status = 3


class ModelRejectedRequest(ModelError):
    """The model's service rejects the request as it is; sending it again would not help."""


class ContextOverflow(ModelError):
    """The conversation no longer fits the model's context window."""


class ThreadRejected(ModelRejectedRequest):
    """The service says that the conversation's earlier bytes changed (thinking signature)."""


# --- engines and processes ---------------------------------------------------------------------


class EngineError(CodyBatchError):
    """The engine could not start or stop jobs."""


class DispatcherRunning(EngineError):
    """A dispatcher already runs for this home directory."""


class NothingHeld(UsageError):
    """No job of the request is held."""


class JobEnded(UsageError):
    """The job has already ended."""


class JobNotEnded(UsageError):
    """The job has not ended yet. `codybatch jobs wait` waits for it."""


class SheetRefused(UsageError):
    """Lines of the sheet of verdicts cannot be taken, so none was."""


class NotContinuable(UsageError):
    """There is nothing that a retry or follow-up could begin from."""


class LineageBusy(UsageError):
    """Another job of the same lineage has not ended; one at a time works for its branch."""


# --- after the job -----------------------------------------------------------------------------


class PublicationRefused(PolicyError):
    """The patch may not be published."""


class PublicationUnderWay(StoreError):
    """Somebody else publishes this patch right now. Try again in a few minutes."""
