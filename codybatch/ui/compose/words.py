"""How the choices of a request read."""

from __future__ import annotations

from codybatch.domain.prompts import Kind, VariableType
from codybatch.domain.publication import PublishMode
from codybatch.domain.repositories import RepositoryFacts
from codybatch.domain.requests import Effort, ExistingPullRequest
from codybatch.domain.selection import SourceKind
from codybatch.ui.compose.draft import Draft, PromptSource
from codybatch.ui.words import Badge

SOURCES = {PromptSource.SAVED: "From the library", PromptSource.WRITTEN: "Write one"}
KINDS = {Kind.CHANGE: "Change", Kind.AUDIT: "Audit", Kind.ASK: "Ask"}
KINDS_EXPLAINED = (
    "A change edits files and ends in a patch. An audit only reads and ends in findings. "
    "An ask only reads and ends in an answer with the fields that you name."
)
TYPES = {
    VariableType.TEXT: "Text",
    VariableType.NUMBER: "Number",
    VariableType.BOOLEAN: "Yes or no",
    VariableType.CHOICE: "Choice",
}
PUBLISH = {
    PublishMode.NONE: "Patch only",
    PublishMode.BRANCH: "Push a branch",
    PublishMode.DRAFT: "Draft pull request",
    PublishMode.READY: "Pull request",
}
EFFORTS: dict[Effort | str, str] = {
    "": "Default",
    Effort.LOW: "Low",
    Effort.MEDIUM: "Medium",
    Effort.HIGH: "High",
    Effort.XHIGH: "Extra high",
    Effort.MAX: "Maximum",
}
WHERE_OPEN: dict[ExistingPullRequest | str, str] = {
    "": "Ask me",
    ExistingPullRequest.UPDATE: "Update it",
    ExistingPullRequest.ANOTHER: "Open another",
    ExistingPullRequest.SKIP: "Leave the repository out",
}
PLACES = {
    SourceKind.NAMES: "Names",
    SourceKind.ORGANISATION: "Organisation",
    SourceKind.USER: "User",
    SourceKind.TOPIC: "Topic",
    SourceKind.SEARCH: "Search",
    SourceKind.CODE: "Code",
}


def repositories(count: int) -> str:
    """How many repositories."""
    return f"{count} repository" if count == 1 else f"{count} repositories"


def delivery(facts: RepositoryFacts | None, kind: Kind | None, publish: PublishMode) -> Badge:
    """Where the result of one job goes."""
    if kind is Kind.AUDIT:
        return Badge("Findings", ":material/fact_check:", "gray")
    if kind is Kind.ASK:
        return Badge("Answer", ":material/question_answer:", "gray")
    if facts is None or publish is PublishMode.NONE or not facts.owned:
        return Badge("Patch", ":material/difference:", "gray")
    return _DELIVERIES[publish]


_DELIVERIES = {
    PublishMode.BRANCH: Badge("Branch", ":material/fork_right:", "blue"),
    PublishMode.DRAFT: Badge("Draft PR", ":material/merge:", "blue"),
    PublishMode.READY: Badge("PR", ":material/merge:", "blue"),
}


def plan(draft: Draft, kind: Kind | None) -> tuple[str, ...]:
    """What running a draft does, a line for each repository."""
    publish = draft.options.publish
    lines = [
        f"{one.repository}: {_ENDS_IN[delivery(one.facts, kind, publish).label]}"
        for one in draft.repositories
    ]
    if draft.options.rehearse and len(lines) > 1:
        lines.append(f"Only {draft.repositories[0].repository} runs now; the others wait for you.")
    return tuple(lines)


_ENDS_IN = {
    "Findings": "findings; nothing is changed",
    "Answer": "an answer; nothing is changed",
    "Patch": "a patch that is kept here",
    "Branch": "a branch is pushed",
    "Draft PR": "a draft pull request",
    "PR": "a pull request",
}
