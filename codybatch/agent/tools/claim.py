"""What the model says of its work when it calls ``finish``."""

from __future__ import annotations

from codybatch.domain.findings import Confidence, Finding
from codybatch.domain.records import JsonObject, Record


class Claim(Record):
    """A validated ``finish``; whether it matches the work tree is for the loop to say."""

    title: str
    summary: str
    were_changes_necessary: bool | None = None
    """Of a change and an audit; None of an ask."""
    verification: str = ""
    confidence: Confidence | None = None
    follow_ups: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Of an audit."""
    doubts: tuple[str, ...] = ()
    """Of an audit: why places of findings are not in the repository, a line each, for the model."""
    answer: JsonObject | None = None
    """Of an ask: fits the author's JSON Schema."""
