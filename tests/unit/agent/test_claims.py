from __future__ import annotations

import pytest

from codybatch.agent.claims import MISMATCH, Judgement, judge
from codybatch.agent.tools import Claim
from codybatch.domain.findings import Finding, Severity
from codybatch.domain.prompts import Kind


def claim(necessary: bool | None) -> Claim:
    return Claim(title="t", summary="s", were_changes_necessary=necessary)


@pytest.mark.parametrize(("necessary", "changed"), [(True, ("a.py",)), (False, ())])
def test_a_claim_that_matches_the_tree_is_taken(necessary: bool, changed: tuple[str, ...]) -> None:
    assert judge(claim(necessary), Kind.CHANGE, changed, challenged=False) == Judgement()


@pytest.mark.parametrize(("necessary", "changed"), [(False, ("a.py",)), (True, ())])
def test_a_claim_that_does_not_match_is_sent_back_once_and_then_taken_with_a_note(
    necessary: bool, changed: tuple[str, ...]
) -> None:
    first = judge(claim(necessary), Kind.CHANGE, changed, challenged=False)
    second = judge(claim(necessary), Kind.CHANGE, changed, challenged=True)

    assert first.refusal.startswith(MISMATCH)
    assert not first.mismatch
    assert not second.refusal
    assert second.mismatch


def test_a_mismatch_names_the_files_and_not_all_of_thousands() -> None:
    paths = [f"src/file{number}.py" for number in range(5000)]
    text = judge(claim(False), Kind.CHANGE, paths, challenged=True).mismatch

    assert "5,000 files differ" in text
    assert "src/file0.py" in text
    assert len(text) < 500


@pytest.mark.parametrize("kind", [Kind.AUDIT, Kind.ASK])
@pytest.mark.parametrize("necessary", [True, False, None])
def test_only_a_change_is_held_against_the_tree(kind: Kind, necessary: bool | None) -> None:
    assert judge(claim(necessary), kind, (), challenged=False) == Judgement()


def findings_at(*found: bool) -> Claim:
    findings = tuple(
        Finding(severity=Severity.LOW, rule="r", path="a.py", message="m", place_found=one)
        for one in found
    )
    doubts = tuple(f"findings.{n}.path: no\u202e such" for n, one in enumerate(found) if not one)
    return Claim(title="t", summary="s", findings=findings, doubts=doubts)


def test_findings_whose_place_is_not_there_are_sent_back_once_and_then_taken_with_a_note() -> None:
    wrong = findings_at(True, False)

    first = judge(wrong, Kind.AUDIT, (), challenged=False)
    second = judge(wrong, Kind.AUDIT, (), challenged=True)

    assert first.refusal.startswith(MISMATCH)
    assert "- findings.1.path: no\\u202e such" in first.refusal
    assert (second.refusal, second.mismatch) == (
        "",
        "1 of 2 findings: the repository has no such path or lines.",
    )
    assert judge(findings_at(True, True), Kind.AUDIT, (), challenged=False) == Judgement()


def test_many_wrong_places_are_not_all_listed() -> None:
    refusal = judge(findings_at(*[False] * 200), Kind.AUDIT, (), challenged=False).refusal

    assert "- and 180 more" in refusal
    assert len(refusal) < 10_000
