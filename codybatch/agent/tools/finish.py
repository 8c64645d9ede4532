"""finish: how the model ends its work and says what it found, for each kind of prompt.

It only checks what was said and hands it on as a Claim; whether that matches the work tree, and
what becomes of findings whose place is not there, is for the loop to say. Lengths and bounds are
checked here, since strict schemas cannot express them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from codybatch.agent.tools.claim import Claim
from codybatch.agent.tools.finding_places import place_of
from codybatch.agent.tools.tool import (
    ToolOutput,
    printable,
    problems_of,
    refuse_surrogates,
    strict_definition,
)
from codybatch.domain.answer_schema import resolved_schema, strict_schema
from codybatch.domain.answers import fit
from codybatch.domain.errors import ToolRefused, UnsupportedSchema
from codybatch.domain.findings import Confidence, Finding, Severity
from codybatch.domain.prompts import Kind
from codybatch.domain.records import JsonObject, Record
from codybatch.workspace.redaction import Redactor
from codybatch.workspace.tree import WorkTree

__all__ = ["Claim", "Finish", "finish_for"]

NAME = "finish"
MAX_TITLE = 72
MAX_SUMMARY = 4_000
MAX_FINDINGS = 200
MAX_FOLLOW_UPS = 20
_MAX_PROBLEMS = 8


def _on_one_line(text: Any) -> Any:
    return " ".join(text.split()) if isinstance(text, str) else text


def _lower(text: Any) -> Any:
    # The service does not hold the capitals of enumerated values.
    return text.lower() if isinstance(text, str) else text


Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE), BeforeValidator(_on_one_line)]
Summary = Annotated[str, Field(min_length=1, max_length=MAX_SUMMARY)]
_Confidence = Annotated[Confidence, BeforeValidator(_lower)]


class _ChangeClaim(Record):
    were_changes_necessary: bool
    title: Title
    summary: Summary
    verification: str = Field(default="", max_length=2_000)
    confidence: _Confidence | None = None
    follow_ups: tuple[Annotated[str, Field(max_length=500)], ...] = Field(
        default=(), max_length=MAX_FOLLOW_UPS
    )


class _AuditFinding(Record):
    severity: Annotated[Severity, BeforeValidator(_lower)]
    rule: str = Field(min_length=1, max_length=100)
    path: str = Field(min_length=1)
    start_line: int | None = Field(default=None, ge=1)
    end_line: int | None = Field(default=None, ge=1)
    message: str = Field(min_length=1, max_length=4_000)
    suggestion: str | None = Field(default=None, max_length=20_000)
    confidence: _Confidence = Confidence.MEDIUM
    calls_for_change: bool = True

    @model_validator(mode="after")
    def _check_lines(self) -> _AuditFinding:
        if self.end_line is not None and (self.start_line or 1) > self.end_line:
            raise ValueError("endLine must not be before startLine")
        return self


class _AuditClaim(Record):
    were_changes_necessary: bool
    title: Title
    summary: Summary
    findings: tuple[_AuditFinding, ...] = Field(max_length=MAX_FINDINGS)


class _AskClaim(Record):
    title: Title
    summary: Summary
    answer: dict[str, Any]

    @field_validator("answer", mode="before")
    @classmethod
    def _check_answer(cls, answer: Any) -> Any:
        if not isinstance(answer, dict):
            raise ValueError("must be an object that fits the schema of this tool")
        return answer


@dataclass(frozen=True)
class Finish:
    """The finish of one kind of prompt."""

    description: str
    properties: dict[str, JsonObject]
    required: tuple[str, ...]
    read: Callable[[WorkTree, JsonObject], Claim]
    name: str = NAME
    changes_files: bool = False

    @property
    def definition(self) -> JsonObject:
        """The strict tool definition."""
        return strict_definition(self.name, self.description, self.properties, self.required)

    def run(self, tree: WorkTree, redactor: Redactor, input: JsonObject) -> ToolOutput:  # noqa: A002
        """Check what the model says, and hand it on."""
        try:
            refuse_surrogates(input)
            return ToolOutput("Finished.", claim=_redacted(self.read(tree, input), redactor))
        except ValidationError as error:
            return ToolOutput(problems_of(self.name, error), is_error=True)
        except ToolRefused as refusal:
            return ToolOutput(printable(redactor.redact(refusal.message)), is_error=True)


def finish_for(kind: Kind, answer_schema: JsonObject | None = None) -> Finish:
    """The finish tool of a kind.

    Raises:
        UnsupportedSchema: an ask without a schema, or with one that cannot be held.
    """
    if kind is Kind.ASK:
        if answer_schema is None:
            raise UnsupportedSchema("A prompt that asks needs the JSON Schema of its answer.")
        return _ask(resolved_schema(answer_schema))
    return _CHANGE if kind is Kind.CHANGE else _AUDIT


def _read_change(_tree: WorkTree, said: JsonObject) -> Claim:
    claim = _ChangeClaim.model_validate(said)
    return Claim(**{name: getattr(claim, name) for name in _ChangeClaim.model_fields})


def _read_audit(tree: WorkTree, said: JsonObject) -> Claim:
    claim = _AuditClaim.model_validate(said)
    places = [place_of(tree, f.path, f.start_line, f.end_line) for f in claim.findings]
    findings = tuple(
        Finding(
            **{name: getattr(finding, name) for name in _AuditFinding.model_fields}
            | {"path": place.path, "place_found": not place.doubt}
        )
        for finding, place in zip(claim.findings, places, strict=True)
    )
    return Claim(
        title=claim.title,
        summary=claim.summary,
        findings=findings,
        # By definition so: whether any finding calls for a change.
        were_changes_necessary=any(finding.calls_for_change for finding in findings),
        doubts=tuple(f"findings.{n}.{p.doubt}" for n, p in enumerate(places) if p.doubt),
    )


def _redacted(claim: Claim, redactor: Redactor) -> Claim:
    """The claim with secrets out of what names of files made us say."""
    doubts = tuple(printable(redactor.redact(doubt)) for doubt in claim.doubts)
    return claim.with_(doubts=doubts) if doubts else claim


def _ask(resolved: JsonObject) -> Finish:
    def read(_tree: WorkTree, said: JsonObject) -> Claim:
        claim = _AskClaim.model_validate(said)
        fitted = fit(resolved, claim.answer)
        if fitted.problems:
            lines = [f"- {problem}" for problem in fitted.problems[:_MAX_PROBLEMS]]
            more = len(fitted.problems) - _MAX_PROBLEMS
            lines += [f"- and {more} more"] if more > 0 else []
            raise ToolRefused(
                "\n".join(["The answer does not fit. Correct it and call finish again.", *lines])
            )
        return Claim(title=claim.title, summary=claim.summary, answer=fitted.value)

    return Finish(
        description=(
            "End the job with your answer. Call it exactly once, alone, when you have what the "
            "task asks for."
        ),
        properties={"answer": strict_schema(resolved), **_said("the answer")},
        required=("answer", "title", "summary"),
        read=read,
    )


def _said(what: str) -> dict[str, JsonObject]:
    return {
        "title": {
            "type": "string",
            "description": f"One line about {what}, at most {MAX_TITLE} characters.",
        },
        "summary": {
            "type": "string",
            "description": (
                f"What people need to know about {what}, as plain Markdown, at most "
                f"{MAX_SUMMARY:,} characters."
            ),
        },
    }


_CONFIDENCE = {"enum": ["low", "medium", "high"], "description": "How sure you are."}
_CHANGE = Finish(
    description=(
        "End the job. Call it exactly once, alone, when the change is done, or when nothing needs "
        "to be changed: that is a success too."
    ),
    properties={
        "wereChangesNecessary": {
            "type": "boolean",
            "description": "Whether the task called for changes here: true if you made any.",
        },
        **_said("the change, or why none was needed"),
        "verification": {
            "type": "string",
            "description": "How you checked the change, and what could not be checked.",
        },
        "confidence": _CONFIDENCE,
        "followUps": {
            "type": "array",
            "items": {"type": "string"},
            "description": f"Work that is left for people, at most {MAX_FOLLOW_UPS} sentences.",
        },
    },
    required=("wereChangesNecessary", "title", "summary"),
    read=_read_change,
)
_FINDING: JsonObject = {
    "type": "object",
    "properties": {
        "severity": {"enum": [severity.value for severity in Severity]},
        "rule": {"type": "string", "description": "A short name, the same for the same problem."},
        "path": {"type": "string", "description": "From the repository's root."},
        "message": {"type": "string", "description": "What is wrong and why it matters."},
        "confidence": _CONFIDENCE,
        "callsForChange": {
            "type": "boolean",
            "description": "Whether something should be changed.",
        },
        "startLine": {"type": "integer", "description": "First line, from 1."},
        "endLine": {"type": "integer", "description": "Last line."},
        "suggestion": {"type": "string", "description": "The change you suggest."},
    },
    "required": ["severity", "rule", "path", "message", "confidence", "callsForChange"],
    "additionalProperties": False,
}
_AUDIT = Finish(
    description=(
        "End the audit with its findings, none if there are none: that is a success too. Call it "
        "exactly once, alone."
    ),
    properties={
        "findings": {
            "type": "array",
            "items": _FINDING,
            "description": f"The worst first, at most {MAX_FINDINGS}.",
        },
        "wereChangesNecessary": {
            "type": "boolean",
            "description": "Whether any finding calls for a change.",
        },
        **_said("what you found"),
    },
    required=("findings", "wereChangesNecessary", "title", "summary"),
    read=_read_audit,
)
