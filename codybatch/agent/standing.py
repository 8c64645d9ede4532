"""What the replies and results so far say about how a conversation goes.

It is worked out from the recorded steps alone, in the same way while they are made and when they
are read back, so that a job that goes on after a crash decides as it would have decided.
"""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.agent import notices
from codybatch.agent.claims import MISMATCH
from codybatch.agent.limits import FAILING_REPLIES
from codybatch.agent.notices import Notice, NoticeKind, notices_in
from codybatch.agent.outcome import Outcome
from codybatch.agent.repetition import Repetition
from codybatch.agent.turn import FINISH, FINISH_ALONE, INTERNAL_ERROR, Call
from codybatch.domain.records import JsonObject
from codybatch.domain.states import EndedBecause


class Standing:
    """Counters of a job's conversations; most begin anew with each conversation."""

    def __init__(self) -> None:
        self.final: EndedBecause | None = None
        """Why the next reply is the last one, once the model was told so."""
        self.final_answered = False
        self.challenged = False
        """Whether a finish that does not match the work tree was sent back."""
        self.invalid_finishes = 0
        """In a row."""
        self.refusal = ""
        """What was wrong with the last of them."""
        self.told: frozenset[str] = frozenset()
        self.begin_conversation()

    def begin_conversation(self) -> None:
        """Forget what was about the conversation before."""
        self.silent = 0
        """Replies in a row without a tool call, and so on."""
        self.cut_off = 0
        self.paused = 0
        self.failing = 0
        self.internal_errors = 0
        """Calls in a row that failed through our own fault."""
        self.notes_asked = False
        self.repetition = Repetition()

    def take_reply(self, outcome: Outcome) -> None:
        """Count a reply."""
        if outcome is Outcome.ERROR:
            return
        self.final_answered = self.final is not None
        self.silent = self.silent + 1 if outcome in _WITHOUT_CALLS else 0
        self.cut_off = self.cut_off + 1 if outcome is Outcome.CUT_OFF else 0
        self.paused = self.paused + 1 if outcome is Outcome.PAUSED else 0

    def count_calls(self, calls: Sequence[Call], results: Sequence[JsonObject], tree: str) -> None:
        """Count what a reply's calls gave.

        Args:
            calls: of the reply; none where it made none.
            results: a ``tool_result`` block for each.
            tree: the digest of the work tree after them.
        """
        if not calls:
            return
        self.repetition.count(calls, tree)
        failed = [bool(result.get("is_error")) for result in results]
        self.failing = self.failing + 1 if all(failed) else 0
        for call, result, has_failed in zip(calls, results, failed, strict=True):
            ours = has_failed and result["content"] == INTERNAL_ERROR
            self.internal_errors = self.internal_errors + 1 if ours else 0
            if call.name != FINISH:
                self.invalid_finishes = 0
            elif has_failed:
                self._take_refused_finish(result["content"])

    def take_notices(self, message: JsonObject) -> None:
        """Take over what a user message tells the model."""
        for kind, about in notices_in(message):
            if kind == NoticeKind.NEAR_LIMIT:
                self.told |= {about}
            elif kind == NoticeKind.FINISH_NOW and about in _ENDINGS:
                self.final, self.final_answered = EndedBecause(about), False
            elif kind == NoticeKind.HAND_OFF:
                self.notes_asked = True

    def warnings(self) -> list[Notice]:
        """What to say about the calls that were just counted."""
        said = [notices.repeating()] if self.repetition.is_noticeable else []
        if self.failing == FAILING_REPLIES - 1:
            said.append(notices.failing(self.failing))
        return said

    @property
    def without_progress(self) -> int:
        """Replies in a row that brought nothing: every call failed, or there was nothing to run."""
        return max(self.failing, self.cut_off, self.paused)

    def _take_refused_finish(self, why: str) -> None:
        if why.startswith(MISMATCH):
            self.challenged = True
        elif why != FINISH_ALONE:
            self.invalid_finishes += 1
            self.refusal = why


_WITHOUT_CALLS = frozenset({Outcome.SILENT, Outcome.UNUSABLE})
_ENDINGS = frozenset(reason.value for reason in EndedBecause)
