from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codybatch.agent.tools import Claim
from codybatch.domain.findings import Confidence, Finding, Severity
from codybatch.domain.prompts import Kind
from codybatch.workspace.manifest import SUBMODULE
from tests.tree_kit import Tools

SAID: dict[str, Any] = {"title": "Use UTC", "summary": "Times carry their zone now."}
CHANGED = {"wereChangesNecessary": True, **SAID}
FINDING = {
    "severity": "high",
    "rule": "sql-injection",
    "path": "src/db.py",
    "message": "The name goes into the query as it is.",
    "confidence": "medium",
    "callsForChange": True,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "license": {"enum": ["MIT", "Apache-2.0", "other"]},
        "files": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    },
    "required": ["license"],
}


def audit(folder: Path) -> Tools:
    return Tools(folder, {"src/db.py": "x\n" * 9, "lib": b""}, {"lib": SUBMODULE}, Kind.AUDIT)


def test_a_change_is_claimed_with_all_its_fields(tmp_path: Path) -> None:
    output = Tools(tmp_path).call(
        "finish",
        **CHANGED,
        verification="Read it again.",
        confidence="high",
        followUps=["Update the docs."],
    )
    assert not output.is_error
    assert output.claim == Claim(
        were_changes_necessary=True,
        title="Use UTC",
        summary="Times carry their zone now.",
        verification="Read it again.",
        confidence=Confidence.HIGH,
        follow_ups=("Update the docs.",),
    )


def test_what_is_optional_may_be_left_out(tmp_path: Path) -> None:
    claim = Tools(tmp_path).call("finish", **{**CHANGED, "wereChangesNecessary": False}).claim
    assert claim == Claim(were_changes_necessary=False, **SAID)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"title": "x" * 73}, "title: String should have at most 72 characters"),
        ({"title": "  \n "}, "title: String should have at least 1 character"),
        ({"summary": "x" * 4_001}, "summary: String should have at most 4000 characters"),
        ({"summary": ""}, "summary: String should have at least 1 character"),
        ({"wereChangesNecessary": "perhaps"}, "wereChangesNecessary: Input should be a valid bool"),
        ({"confidence": "sure"}, "confidence: Input should be 'high', 'medium' or 'low'"),
        ({"followUps": ["x"] * 21}, "followUps: Tuple should have at most 20 items"),
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
    ],
)
def test_what_strict_schemas_cannot_hold_is_held_here(
    tmp_path: Path, said: dict[str, Any], why: str
) -> None:
    output = Tools(tmp_path).call("finish", **{**CHANGED, **said})
    assert output.is_error
    assert output.claim is None
    assert why in output.text


def test_missing_fields_are_named(tmp_path: Path) -> None:
    text = Tools(tmp_path).refused("finish")
    for name in ("wereChangesNecessary", "title", "summary"):
        assert f"- {name}: Field required" in text


def test_a_title_is_one_line_and_capitals_of_choices_do_not_count(tmp_path: Path) -> None:
    said = {**CHANGED, "title": "Use\n  UTC ", "confidence": "High"}
    claim = Tools(tmp_path).call("finish", **said).claim
    assert claim is not None
    assert (claim.title, claim.confidence) == ("Use UTC", Confidence.HIGH)


def test_an_audit_ends_in_its_findings(tmp_path: Path) -> None:
    finding = {**FINDING, "startLine": 3, "endLine": 5, "suggestion": "Bind it."}
    output = audit(tmp_path).call("finish", wereChangesNecessary=True, findings=[finding], **SAID)
    assert output.claim is not None
    assert output.claim.were_changes_necessary is True
    assert output.claim.findings == (
        Finding(
            severity=Severity.HIGH,
            rule="sql-injection",
            path="src/db.py",
            start_line=3,
            end_line=5,
            message="The name goes into the query as it is.",
            suggestion="Bind it.",
            confidence=Confidence.MEDIUM,
        ),
    )


def test_whether_an_audit_calls_for_changes_is_what_its_findings_say(tmp_path: Path) -> None:
    tools = audit(tmp_path)
    harmless = {**FINDING, "callsForChange": False}
    for findings, necessary in (([], False), ([harmless], False), ([harmless, FINDING], True)):
        output = tools.call("finish", wereChangesNecessary=not necessary, findings=findings, **SAID)
        assert output.claim is not None
        assert output.claim.were_changes_necessary is necessary


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"severity": "terrible"}, "findings.0.severity: Input should be"),
        ({"startLine": 0}, "findings.0.startLine: Input should be greater than or equal to 1"),
        ({"startLine": 5, "endLine": 4}, "endLine must not be before startLine"),
        ({"rule": ""}, "findings.0.rule: String should have at least 1 character"),
    ],
)
def test_findings_must_hold_together(tmp_path: Path, said: dict[str, Any], why: str) -> None:
    findings = [{**FINDING, **said}]
    text = audit(tmp_path).refused("finish", wereChangesNecessary=True, findings=findings, **SAID)
    assert why in text


@pytest.mark.parametrize(
    ("said", "kept", "why"),
    [
        ({"path": "src/gone.py"}, "src/gone.py", "path: there is no such file or folder"),
        ({"path": "../secret"}, "../secret", "path: ../secret goes up with '..'"),
        ({"path": "/etc/passwd"}, "/etc/passwd", "path: /etc/passwd is not inside"),
        ({"path": "src/a\u202e.py"}, "src/a\\u202e.py", "path: there is no such"),
        ({"path": "x" * 900}, "x" * 300, "path: there is no such"),
        ({"startLine": 10}, "src/db.py", "endLine: src/db.py has 9 lines, so there is no line 10"),
        ({"startLine": 2, "endLine": 44}, "src/db.py", "endLine: src/db.py has 9 lines"),
        ({"endLine": 10}, "src/db.py", "endLine: src/db.py has 9 lines"),
        ({"path": "src", "startLine": 1}, "src", "startLine: src is a folder"),
        ({"path": "lib", "startLine": 1}, "lib", "startLine: lib is a submodule"),
    ],
)
def test_a_place_that_is_not_there_is_kept_with_a_doubt_and_a_mark(
    tmp_path: Path, said: dict[str, Any], kept: str, why: str
) -> None:
    findings = [FINDING, {**FINDING, **said}]
    claim = audit(tmp_path).call("finish", wereChangesNecessary=True, findings=findings, **SAID)

    assert claim.claim is not None
    assert [finding.place_found for finding in claim.claim.findings] == [True, False]
    assert claim.claim.findings[1].path == kept
    (doubt,) = claim.claim.doubts
    assert doubt.startswith(f"findings.1.{why}")


@pytest.mark.parametrize(
    ("content", "last"), [("a\nb\n", 2), ("a\nb", 2), ("", 1), (b"\x00\n\xff\n", 2)]
)
def test_lines_are_counted_as_read_file_numbers_them(
    tmp_path: Path, content: bytes | str, last: int
) -> None:
    tools = Tools(tmp_path, {"f": content}, kind=Kind.AUDIT)
    for line, found in ((last, True), (last + 1, False)):
        findings = [{**FINDING, "path": "f", "startLine": line}]
        claim = tools.call("finish", wereChangesNecessary=True, findings=findings, **SAID).claim
        assert claim is not None
        assert claim.findings[0].place_found is found


def test_findings_may_be_about_folders_and_submodules(tmp_path: Path) -> None:
    tools = audit(tmp_path)
    for given, kept in (("./src/", "src"), (".", "."), ("lib", "lib")):
        findings = [{**FINDING, "path": given}]
        claim = tools.call("finish", wereChangesNecessary=True, findings=findings, **SAID).claim
        assert claim is not None
        assert claim.findings[0].path == kept


def test_too_many_findings_are_refused(tmp_path: Path) -> None:
    findings = [FINDING] * 201
    text = audit(tmp_path).refused("finish", wereChangesNecessary=True, findings=findings, **SAID)
    assert "at most 200 items" in text


def test_an_answer_is_kept_in_the_authors_spelling(tmp_path: Path) -> None:
    tools = Tools(tmp_path, kind=Kind.ASK, schema=SCHEMA)
    claim = tools.call("finish", answer={"license": "mit", "files": ["a"]}, **SAID).claim
    assert claim == Claim(answer={"license": "MIT", "files": ["a"]}, **SAID)
    assert claim.were_changes_necessary is None


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"license": "GPL"}, '- answer.license: must be one of "MIT", "Apache-2.0", "other"'),
        ({}, "- answer.license: is missing"),
        ({"license": "MIT", "files": ["a", "b", "c"]}, "may have at most 2"),
        ({"license": "MIT", "files": [1]}, "answer.files[0]: must be text, not a whole number"),
        ("MIT", "answer: Value error, must be an object"),
    ],
)
def test_an_answer_that_does_not_fit_is_sent_back_with_the_reason(
    tmp_path: Path, answer: Any, why: str
) -> None:
    tools = Tools(tmp_path, kind=Kind.ASK, schema=SCHEMA)
    assert why in tools.refused("finish", answer=answer, **SAID)
