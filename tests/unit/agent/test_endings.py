from __future__ import annotations

from codybatch.agent.endings import Ended, Finished, FinishedImplicitly, end_of
from codybatch.agent.tools import Claim
from codybatch.domain.findings import Confidence, Finding, Severity
from codybatch.domain.states import EndedBecause

FOR_THE_MODEL_ALONE = {"doubts"}
"""They send a finish back once; of one that is taken people get the mismatch instead."""
LAST_WORDS = "## Greeting\n\n" + "It greets politely. " * 500


def test_a_claim_is_given_back_whole() -> None:
    finding = Finding(severity=Severity.LOW, rule="r", path="a.py", message="m")
    claim = Claim(
        title="t",
        summary="s",
        were_changes_necessary=True,
        verification="v",
        confidence=Confidence.HIGH,
        follow_ups=("f",),
        findings=(finding,),
        answer={"a": 1},
    )
    end = end_of(Finished(claim, "a mismatch"), LAST_WORDS)
    kept = set(Claim.model_fields) - FOR_THE_MODEL_ALONE

    assert end.ended_because is EndedBecause.FINISHED
    assert {name: getattr(end, name) for name in kept} == {
        name: getattr(claim, name) for name in kept
    }
    assert end.claim_mismatch == "a mismatch"


def test_last_words_stand_in_for_a_claim() -> None:
    end = end_of(FinishedImplicitly(changed=False), LAST_WORDS)

    assert end.ended_because is EndedBecause.FINISHED_IMPLICITLY
    assert end.were_changes_necessary is False
    assert end.title == "Greeting"
    assert len(end.summary) == 4_000


def test_what_was_not_finished_claims_nothing() -> None:
    end = end_of(Ended(EndedBecause.TURN_LIMIT, "Why."), LAST_WORDS)

    assert end.ended_because is EndedBecause.TURN_LIMIT
    assert end.were_changes_necessary is None
    assert (end.title, end.detail) == ("", "Why.")
    assert end.summary.startswith("## Greeting")


def test_a_model_without_words_has_no_title() -> None:
    assert end_of(FinishedImplicitly(changed=True), "").title == ""


def test_a_long_first_line_is_cut_to_a_title() -> None:
    assert len(end_of(FinishedImplicitly(changed=True), "x" * 500).title) == 72
