"""Audits and questions, from the submission to findings and answers, with real processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import InvalidPrompt, UnsupportedSchema
from codybatch.domain.findings import Confidence, Severity
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.publication import PublicationKind
from codybatch.domain.records import JsonObject
from codybatch.domain.states import EndedBecause, JobState
from codybatch.ports import Created
from codybatch.services.submission_form import SubmissionForm
from codybatch.standins.anthropic import Brain, tool_use
from tests.worker.world import CLEAN, CLOCKS, World, world

FILES: dict[str, bytes | str] = {
    **CLOCKS,
    "settings.py": "import yaml\n\n\ndef read(text):\n    return yaml.load(text)\n",
}
READING = {"list_files", "glob", "grep", "read_file", "finish"}
"""No tool of theirs changes files."""
AUDIT = PromptDraft(
    name="risky-calls",
    kind=Kind.AUDIT,
    template="Find calls of datetime.utcnow() and of yaml.load() without a safe loader.",
)
SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "languages": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "hasTests": {"type": "boolean"},
        "title": {"type": "string", "maxLength": 40},
        "maintainer": {"type": ["string", "null"]},
    },
    "required": ["languages", "hasTests", "title", "maintainer"],
    "additionalProperties": False,
}
ASK = PromptDraft(name="what-is-it", kind=Kind.ASK, template="What is this?", answer_schema=SCHEMA)


def submit(w: World, prompt: PromptDraft, *repositories: str, publish: str = "none") -> Created:
    options = w.app.default_options().with_(publish=publish)
    form = SubmissionForm(
        prompt=prompt,
        repositories=repositories,
        options=options,
        request_cost_cap_usd=None,
        requester=w.app.person,
    )
    return w.app.requests.submit(form)


def run(
    folder: Path, prompt: PromptDraft, brain: Brain | None = None, publish: str = "none"
) -> tuple[Job, list[JsonObject]]:
    """A job over FILES, and the bodies of its requests to the model."""
    with world(folder, {"acme/app": FILES}, brain) as w:
        (job,) = w.wait(submit(w, prompt, "acme/app", publish=publish))
        assert w.github.pull_requests("acme/app") == []
        assert len(w.github.bare("acme/app").refs()) == 1
        sent = [json.loads(one.body) for one in w.model.exchanges if one.path.endswith("/messages")]
        return job, sent


def finishes(*said: JsonObject) -> Brain:
    """A model that calls finish with one thing after the other, and with the last again."""

    def brain(request: JsonObject) -> list[JsonObject]:
        turn = sum(message["role"] == "assistant" for message in request["messages"])
        return [tool_use("finish", said[min(turn, len(said) - 1)])]

    return brain


def test_an_audit_ends_in_findings_and_changes_nothing(tmp_path: Path) -> None:
    with world(tmp_path, {"acme/app": FILES, "acme/clean": CLEAN}) as w:
        risky, clean = w.wait(submit(w, AUDIT, "acme/app", "acme/clean", publish="draft"))

        assert [job.state for job in (risky, clean)] == [JobState.SUCCEEDED] * 2
        assert (risky.were_changes_necessary, clean.were_changes_necessary) == (True, False)
        assert clean.findings == ()
        naive, unsafe = risky.findings
        assert (naive.path, naive.start_line, naive.end_line) == ("clocks/now.py", 5, 5)
        assert (unsafe.rule, unsafe.severity) == ("unsafe-yaml-load", Severity.HIGH)
        assert unsafe.suggestion == "    return yaml.safe_load(text)"
        assert unsafe.confidence is Confidence.HIGH
        assert unsafe.place_found
        assert risky.patch is None
        assert risky.publication.kind is PublicationKind.NONE
        assert w.github.pull_requests("acme/app") == []


def test_an_ask_ends_in_an_answer_that_fits_its_schema(tmp_path: Path) -> None:
    job, (first, *_) = run(tmp_path, ASK, publish="draft")

    assert {tool["name"] for tool in first["tools"]} == READING
    assert job.state is JobState.SUCCEEDED
    assert job.answer == {
        "languages": ["Python"],
        "hasTests": False,
        "title": "Clocks",
        "maintainer": None,
    }
    assert job.were_changes_necessary is None
    assert job.patch is None


FINDING: JsonObject = {
    "severity": "critical",
    "rule": "made-up",
    "path": "clocks/now.py",
    "message": "Bad.",
    "confidence": "low",
    "callsForChange": True,
}
SAID: JsonObject = {"wereChangesNecessary": True, "title": "Two findings", "summary": "Bad."}


def test_a_finding_whose_place_is_not_there_is_sent_back_once_and_then_marked(
    tmp_path: Path,
) -> None:
    wrong = {**SAID, "findings": [FINDING, {**FINDING, "path": "gone.py"}]}
    job, (first, second) = run(tmp_path, AUDIT, finishes(wrong))

    assert {tool["name"] for tool in first["tools"]} == READING
    (result,) = second["messages"][-1]["content"][:1]
    assert result["is_error"]
    assert "findings.1.path: there is no such file" in str(result["content"])
    assert job.ended_because is EndedBecause.FINISHED
    assert [(f.path, f.place_found) for f in job.findings] == [
        ("clocks/now.py", True),
        ("gone.py", False),
    ]
    assert job.claim_mismatch.startswith("1 of 2 findings")


def test_a_finding_that_is_corrected_is_not_marked(tmp_path: Path) -> None:
    wrong = {**SAID, "findings": [{**FINDING, "startLine": 500}]}
    right = {**SAID, "findings": [{**FINDING, "startLine": 5}]}
    job, sent = run(tmp_path, AUDIT, finishes(wrong, right))

    assert len(sent) == 2
    assert [(f.start_line, f.place_found) for f in job.findings] == [(5, True)]
    assert job.claim_mismatch == ""


def answer(**changes: Any) -> JsonObject:
    fits = {"languages": ["Python"], "hasTests": True, "title": "Clocks", "maintainer": None}
    return {"answer": {**fits, **changes}, "title": "Answered", "summary": "Read."}


def test_an_answer_that_does_not_fit_is_sent_back_with_the_reason(tmp_path: Path) -> None:
    job, (_, second) = run(tmp_path, ASK, finishes(answer(title="x" * 41), answer()))

    (result,) = second["messages"][-1]["content"][:1]
    assert "answer.title: has 41 characters, and may have at most 40" in str(result["content"])
    assert job.state is JobState.SUCCEEDED
    assert job.answer is not None
    assert job.answer["title"] == "Clocks"


def test_an_answer_that_never_fits_ends_the_job_with_what_was_wrong(tmp_path: Path) -> None:
    job, sent = run(tmp_path, ASK, finishes(answer(languages=[])))

    assert len(sent) == 3
    assert job.state is JobState.FAILED
    assert job.ended_because is EndedBecause.ANSWER_INVALID
    assert job.answer is None
    assert "answer.languages: has 0 items, and must have at least 1" in job.ended_detail


@pytest.mark.parametrize(
    ("schema", "error", "why"),
    [
        (None, InvalidPrompt, "needs the JSON Schema"),
        ({"type": "array", "items": {"type": "string"}}, UnsupportedSchema, "object at its root"),
        (
            {"type": "object", "properties": {"a": {"not": {"type": "string"}}}},
            UnsupportedSchema,
            "answer.a uses 'not'",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "set"}}}},
            UnsupportedSchema,
            r"answer\.a\[\] needs a type",
        ),
    ],
)
def test_a_schema_that_cannot_be_held_is_refused_at_save_and_at_submit(
    tmp_path: Path, schema: JsonObject | None, error: type[Exception], why: str
) -> None:
    prompt = ASK.with_(answer_schema=schema)
    with world(tmp_path, {"acme/app": CLEAN}) as w:
        with pytest.raises(error, match=why):
            w.app.prompts.save(prompt, w.app.person)
        with pytest.raises(error, match=why):
            submit(w, prompt, "acme/app")

        assert w.app.prompts.latest().items == ()
        assert w.app.requests.list().items == ()
