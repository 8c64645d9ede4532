"""What the rules say of prompts that need it, and that they keep quiet about the others."""

from __future__ import annotations

import time
from typing import Any

import pytest

from codybatch.domain.prompt_hints import MAX_OF_ONE_RULE, Hint, hints_of
from codybatch.domain.prompts import Kind, PromptDraft, Variable
from codybatch.services.starters import starters

SCOPED = "Rename `a` to `b` in code; leave the rest alone."
NOTHING = "Report nothing where there is none."


def hints(text: str, kind: Kind = Kind.CHANGE, **fields: Any) -> tuple[Hint, ...]:
    return hints_of(PromptDraft(name="tried", kind=kind, template=text, **fields))


def ids(text: str, kind: Kind = Kind.CHANGE, **fields: Any) -> list[str]:
    return [one.id for one in hints(text, kind, **fields)]


def schema(*names: str, **described: str) -> dict[str, Any]:
    plain: dict[str, Any] = {name: {"type": "string"} for name in names}
    told = {name: {"type": "string", "description": text} for name, text in described.items()}
    return {"type": "object", "properties": plain | told}


@pytest.mark.parametrize("starter", starters(), ids=[one.name for one in starters()])
def test_no_starter_raises_a_hint(starter: PromptDraft) -> None:
    assert hints_of(starter) == ()


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        (Kind.CHANGE, "Tidy up.", "too-short"),
        (Kind.CHANGE, "Rename the function frobnicate to frob.", "no-ending"),
        (Kind.AUDIT, "Report every place where SQL is put together from text.", "no-ending"),
        (Kind.CHANGE, "Improve the code. Stop when done.", "unbounded-scope"),
        (Kind.CHANGE, "Fix all bugs, but leave tests alone.", "unbounded-scope"),
        (Kind.AUDIT, f"Review the whole codebase. {NOTHING}", "unbounded-scope"),
        (Kind.CHANGE, f"{SCOPED} Fix anything else you notice.", "unbounded-scope"),
        (Kind.CHANGE, f"{SCOPED} Follow best practices.", "unbounded-scope"),
        (Kind.CHANGE, f"{SCOPED} Then run the unit tests.", "cannot-run"),
        (Kind.CHANGE, f"{SCOPED} Run `make test`.", "cannot-run"),
        (Kind.CHANGE, f"{SCOPED} Make sure all tests still pass.", "cannot-run"),
        (Kind.CHANGE, f"{SCOPED} Install the dependencies first.", "cannot-run"),
        (Kind.CHANGE, f"{SCOPED} When done, open a pull request.", "cannot-publish"),
        (Kind.CHANGE, f"{SCOPED} Commit the change and push it.", "cannot-publish"),
        (Kind.CHANGE, f"{SCOPED} Search the web for the new name.", "cannot-browse"),
        (Kind.CHANGE, f"{SCOPED} Read the guide at https://a.example/b.", "cannot-browse"),
        (Kind.CHANGE, f"{SCOPED} Ask me if you are unsure.", "cannot-ask"),
        (Kind.AUDIT, f"Find unused imports and remove them. {NOTHING}", "edits-in-read-only"),
        (Kind.AUDIT, f"Replace MD5 by SHA-256. {NOTHING}", "edits-in-read-only"),
        (Kind.CHANGE, "Which licence does this project have, and only that?", "asks-in-change"),
        (Kind.CHANGE, "List the deprecated calls only.", "asks-in-change"),
        (Kind.CHANGE, "Write {{ the-name }} only.", "not-a-variable"),
    ],
)
def test_a_text_that_needs_it_gets_the_hint(kind: Kind, text: str, wanted: str) -> None:
    assert wanted in ids(text, kind)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.CHANGE, SCOPED),
        (Kind.CHANGE, f"{SCOPED} Do not run the tests or open a pull request."),
        (Kind.CHANGE, f"{SCOPED} Say in the summary which tests a person should run."),
        (Kind.CHANGE, f"{SCOPED} Scripts that build and run the tests stay as they are."),
        (Kind.CHANGE, "Replace `requests` in the code that talks to GitHub; nothing else."),
        (Kind.CHANGE, "Fix all errors that `mypy --strict` reports for `app.py`, and only those."),
        (Kind.CHANGE, "Refactor the code to use `pathlib` and leave strings alone."),
        (Kind.CHANGE, "Write `{{ user.name }}` and ${{ github.ref }} as they stand; nothing else."),
        (Kind.AUDIT, f"Audit this repository for SQL injection. {NOTHING} Change no file."),
        (Kind.AUDIT, f"Look for MD5. Add a suggestion to each finding. {NOTHING}"),
        (Kind.AUDIT, f"Report calls that delete or replace files. {NOTHING}"),
        (Kind.AUDIT, f"Suggest how to replace them and remove the old ones. {NOTHING}"),
        (Kind.ASK, "How do we build and run the project?"),
        (Kind.ASK, "Which licence?"),
        (Kind.CHANGE, "Ersetze alle Aufrufe in der Datei durch einen anderen, dann fertig"),
    ],
)
def test_a_text_that_is_fine_gets_none(kind: Kind, text: str) -> None:
    assert ids(text, kind) == []


def test_a_hint_says_where_what_and_what_instead() -> None:
    first = hints("Rename `a`; leave\nthe rest. Then run the\ntests.")[0]

    assert first.place is not None
    assert (first.place.line, first.place.column, first.place.length) == (2, 16, 13)
    assert first.says.startswith("“run the tests” orders a program to be run")
    assert "reading" in first.instead
    assert str(first).startswith("line 2: “run the tests”")
    assert str(first).endswith("(cannot-run)")


def test_a_variable_that_is_declared_unlike_another_is_named() -> None:
    declared = (Variable(name="seconds"),)

    found = hints("Wait {{seconds}} and\n{{ secnods }} only.", variables=declared)

    assert [one.id for one in found] == ["undeclared-variable"]
    assert "secnods" in found[0].says
    assert "seconds" in found[0].instead
    assert found[0].place is not None
    assert (found[0].place.line, found[0].place.column) == (2, 1)
    assert ids("Wait {{seconds}} only, nothing else.") == []


def test_fields_of_an_answer_that_nothing_tells_of_are_named_together() -> None:
    question = "Which test runner is used, and how many testFiles are there?"
    asked = schema("testRunner", "testFiles", "ownerTeam", "budget", "evidence", cost="In USD.")

    found = hints(question, Kind.ASK, answer_schema=asked)

    assert [one.id for one in found] == ["field-not-mentioned"]
    assert "ownerTeam, budget are" in found[0].says
    assert ids(question, Kind.ASK, answer_schema=schema("testRunner")) == []
    assert ids(question, Kind.ASK, answer_schema={"type": "object", "properties": 3}) == []


def test_one_rule_speaks_a_few_times_only() -> None:
    text = SCOPED + " Run the tests." * 50 + " Ask me."

    found = ids(text)

    assert found.count("cannot-run") == MAX_OF_ONE_RULE


@pytest.mark.parametrize(
    "part", ["add it and ", "run the tests. ", "{{ a-b }} ", "the `", "\n- fix all bugs", ", then "]
)
@pytest.mark.parametrize("kind", list(Kind))
def test_the_longest_text_takes_a_moment(kind: Kind, part: str) -> None:
    text = "add " + part * (99_000 // len(part))
    began = time.perf_counter()

    hints(text, kind)

    assert time.perf_counter() - began < 5
