"""Holding what the model says when it finishes against the work tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codybatch.agent.marked_text import one_line
from codybatch.agent.tools import Claim
from codybatch.domain.prompts import Kind

MISMATCH = "Your finish does not match the work tree: "
_SHOWN_PATHS = 10
_SHOWN_DOUBTS = 20


@dataclass(frozen=True)
class Judgement:
    """Whether a finish is taken, and what is wrong with it."""

    refusal: str = ""
    """For the model; empty where the finish is taken."""
    mismatch: str = ""
    """For people, where it is taken although it does not match."""


def judge(claim: Claim, kind: Kind, changed: Sequence[str], challenged: bool) -> Judgement:
    """Take a finish or send it back.

    Args:
        claim: what the model says.
        kind: of the prompt: a change's claim is about what was changed, an audit's names places.
        changed: the paths that differ from the pinned commit.
        challenged: whether a finish was sent back before; then this one is taken, and a person
            decides.
    """
    if kind is Kind.AUDIT and claim.doubts:
        return _judge_places(claim, challenged)
    if kind is not Kind.CHANGE or bool(changed) == bool(claim.were_changes_necessary):
        return Judgement()
    if not challenged:
        return Judgement(refusal=_challenge(changed))
    return Judgement(mismatch=_mismatch(changed))


def _judge_places(claim: Claim, challenged: bool) -> Judgement:
    """Send findings back whose place is not there; the second time they are kept, and marked."""
    if challenged:
        wrong = sum(not finding.place_found for finding in claim.findings)
        share = f"{wrong} of {len(claim.findings)} findings"
        return Judgement(mismatch=f"{share}: the repository has no such path or lines.")
    more = len(claim.doubts) - _SHOWN_DOUBTS
    lines = [
        f"{MISMATCH}these places are not in the repository.",
        *(f"- {one_line(doubt, 400)}" for doubt in claim.doubts[:_SHOWN_DOUBTS]),
        *([f"- and {more} more"] if more > 0 else []),
        "Look them up, then call finish again with all findings. Leave out what is not there.",
    ]
    return Judgement(refusal="\n".join(lines))


def _challenge(changed: Sequence[str]) -> str:
    if changed:
        return (
            f"{MISMATCH}you say that no change is necessary, but {_files(changed)}. If the change "
            "is wanted, call finish with wereChangesNecessary true; else take it back first."
        )
    return (
        f"{MISMATCH}you say that changes are necessary, but no file has changed. Make the change, "
        "or call finish with wereChangesNecessary false and say why nothing needs to be done."
    )


def _mismatch(changed: Sequence[str]) -> str:
    if changed:
        return f"Claude says that no change was necessary, but {_files(changed)}."
    return "Claude says that changes were necessary, but no file has changed."


def _files(changed: Sequence[str]) -> str:
    shown = ", ".join(one_line(path) for path in changed[:_SHOWN_PATHS])
    more = f" and {len(changed) - _SHOWN_PATHS:,} more" if len(changed) > _SHOWN_PATHS else ""
    count = "1 file differs" if len(changed) == 1 else f"{len(changed):,} files differ"
    return f"{count} from the pinned commit ({shown}{more})"
