"""What the model claims, with secrets taken out of every text of it before it is recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codybatch.agent.task import ConversationEnd
from codybatch.domain.findings import Finding

Clean = Callable[[str], str]


def outcome_fields(end: ConversationEnd, clean: Clean) -> dict[str, Any]:
    """The fields of a job that its conversation's end decides, cleaned."""
    findings = (finding.model_dump(mode="python") for finding in end.findings)
    return {
        "were_changes_necessary": end.were_changes_necessary,
        "title": clean(end.title),
        "summary": clean(end.summary),
        "verification": clean(end.verification),
        "confidence": end.confidence,
        "follow_ups": tuple(clean(text) for text in end.follow_ups),
        "claim_mismatch": clean(end.claim_mismatch),
        "findings": tuple(Finding(**cleaned(finding, clean)) for finding in findings),
        "answer": cleaned(end.answer, clean),
    }


def cleaned(value: Any, clean: Clean) -> Any:
    """A value of JSON types with every text in it cleaned, names of fields included."""
    if isinstance(value, str):
        return value if _is_choice(value) else clean(value)
    if isinstance(value, dict):
        return {clean(name): cleaned(inner, clean) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(inner, clean) for inner in value]
    return value


def _is_choice(value: str) -> bool:
    """Whether a text is a member of one of our enumerations, and so not the model's own words."""
    return type(value) is not str
