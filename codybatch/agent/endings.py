"""Why a conversation stops: exceptions that leave the loop, and what it then gives back."""

from __future__ import annotations

from codybatch.agent.task import ConversationEnd, Spending
from codybatch.agent.tools import Claim
from codybatch.domain.states import EndedBecause

MOST_SUMMARY = 4_000
MOST_TITLE = 72


class Ended(Exception):
    """The conversation is over."""

    def __init__(self, because: EndedBecause, detail: str = "") -> None:
        """Keep why; ``detail`` is for people."""
        super().__init__(detail or because.value)
        self.because = because
        self.detail = detail


class Finished(Ended):
    """The model called ``finish``, and its claim is taken."""

    def __init__(self, claim: Claim, mismatch: str) -> None:
        """Keep the claim, and where it does not match the work tree."""
        super().__init__(EndedBecause.FINISHED)
        self.claim = claim
        self.mismatch = mismatch


class FinishedImplicitly(Ended):
    """The model stopped without ``finish``."""

    def __init__(self, changed: bool | None) -> None:
        """Keep whether it changed files; None where the prompt asks for no change."""
        super().__init__(EndedBecause.FINISHED_IMPLICITLY)
        self.changed = changed


def end_of(ended: Ended, last_text: str) -> ConversationEnd:
    """What a conversation that is over gives back, but for spending and tree.

    Args:
        ended: why.
        last_text: the model's last words, which stand in for a summary where it gave none.
    """
    if isinstance(ended, Finished):
        return _claimed(ended)
    end = ConversationEnd(
        ended_because=ended.because, detail=ended.detail, summary=last_text[:MOST_SUMMARY]
    )
    if isinstance(ended, FinishedImplicitly):
        return end.with_(were_changes_necessary=ended.changed, title=_first_line(last_text))
    return end


def _claimed(finished: Finished) -> ConversationEnd:
    claim = finished.claim
    return ConversationEnd(
        ended_because=finished.because,
        were_changes_necessary=claim.were_changes_necessary,
        title=claim.title,
        summary=claim.summary,
        verification=claim.verification,
        confidence=claim.confidence,
        follow_ups=claim.follow_ups,
        claim_mismatch=finished.mismatch,
        findings=claim.findings,
        answer=claim.answer,
    )


def _first_line(text: str) -> str:
    line = next(iter(text.strip().splitlines()), "").strip("# ")
    return line if len(line) <= MOST_TITLE else f"{line[: MOST_TITLE - 1]}…"


def with_accounts(end: ConversationEnd, spending: Spending, tree: str) -> ConversationEnd:
    """``end`` with what the job has used and the digest of its work tree."""
    return end.model_copy(update={"spending": spending, "tree": tree})
