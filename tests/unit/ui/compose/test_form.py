"""From a draft to the form that is submitted, and every refusal on the way."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codybatch.clock import SystemClock
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import Kind, PromptDraft, Variable, VariableType
from codybatch.domain.publication import PublishMode
from codybatch.domain.repositories import AllowList, RepositoryRef
from codybatch.domain.requests import Effort, ExistingPullRequest
from codybatch.services.intake import Policy
from codybatch.services.prompts import Prompts
from codybatch.stores.embedded import EmbeddedStore
from codybatch.ui.compose.draft import (
    ChosenRepository,
    Draft,
    PromptSource,
    WrittenOptions,
    WrittenVariable,
)
from codybatch.ui.compose.form import Checked, Place, check, name_of, schema_problem

DANA = Person("dana")
POLICY = Policy(AllowList.parse("acme/*,!acme/secret"), max_repositories=2, has_daily_cap=False)
WRITTEN = Draft(
    source=PromptSource.WRITTEN,
    text="Replace {{old}}.",
    values={"old": "this"},
    repositories=(ChosenRepository(repository=RepositoryRef.parse("acme/api@next")),),
    options=WrittenOptions(model="claude-sonnet-5-5"),
    key="a-key",
)


@pytest.fixture
def prompts(tmp_path: Path) -> Iterator[Prompts]:
    store = EmbeddedStore(tmp_path / "home")
    yield Prompts(store.records, SystemClock())
    store.close()


def judged(prompts: Prompts, draft: Draft = WRITTEN, **changes: Any) -> Checked:
    return check(draft.with_(**changes), prompts, POLICY, DANA)


def names(*written: str) -> tuple[ChosenRepository, ...]:
    return tuple(ChosenRepository(repository=RepositoryRef.parse(one)) for one in written)


def test_a_written_draft_becomes_the_form_of_a_request(prompts: Prompts) -> None:
    options = WrittenOptions(
        title="My title",
        model="claude-opus-5-5",
        effort=Effort.HIGH,
        request_cap_usd=Decimal(3),
        job_cap_usd=None,
        max_turns=7,
        max_minutes=8,
        publish=PublishMode.DRAFT,
        rehearse=True,
        follow_guidance=True,
        existing=ExistingPullRequest.SKIP,
        labels=("bot",),
        reviewers=("acme/team",),
        assignees=("dana",),
    )

    checked = judged(prompts, options=options, name="replace-it")

    assert not checked.problems
    assert checked.prompt_text == "Replace this."
    form = checked.form
    assert form is not None
    assert form.prompt == PromptDraft(name="replace-it", template="Replace {{old}}.")
    assert form.variables == {"old": "this"}
    assert form.repositories == ("acme/api@next",)
    assert (form.requester, form.idempotency_key, form.title) == (DANA, "a-key", "My title")
    assert form.request_cost_cap_usd == Decimal(3)
    asked = form.options
    assert (asked.model, asked.effort, asked.job_cost_cap_usd) == (
        *("claude-opus-5-5", Effort.HIGH),
        None,
    )
    assert (asked.max_turns, asked.max_minutes, asked.publish) == (7, 8, PublishMode.DRAFT)
    assert asked.rehearse
    assert asked.follow_guidance_files
    assert asked.existing_pull_request is ExistingPullRequest.SKIP
    assert (asked.labels, asked.reviewers, asked.assignees) == (
        *(("bot",), ("acme/team",)),
        ("dana",),
    )


def test_a_saved_prompt_is_submitted_as_the_version_that_was_shown(prompts: Prompts) -> None:
    prompts.save(PromptDraft(name="p", template="One {{a}}."), DANA)
    prompts.save(PromptDraft(name="p", template="Two {{b}}."), DANA)
    values = {"a": "1", "b": "2"}
    saved: dict[str, Any] = {"source": PromptSource.SAVED, "prompt": "p", "values": values}

    latest, first = judged(prompts, **saved), judged(prompts, version=1, **saved)

    assert latest.form is not None
    assert (latest.form.prompt, latest.form.variables) == ("p@2", {"b": "2"})
    assert first.form is not None
    assert (first.form.prompt, first.prompt_text) == ("p@1", "One 1.")


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"text": " "}, Place.PROMPT, "Write what should be done in each repository."),
        ({"source": PromptSource.SAVED}, Place.PROMPT, "Pick a prompt, or write one."),
        ({"values": {}}, Place.PROMPT, "Fill in old."),
        ({"values": {"old": ""}}, Place.PROMPT, "Fill in old."),
        ({"repositories": ()}, Place.REPOSITORIES, "Choose up to 2 repositories."),
    ],
)
def test_what_is_not_filled_in_yet_is_missing_and_not_wrong(
    prompts: Prompts, changes: dict[str, Any], place: Place, said: str
) -> None:
    checked = judged(prompts, **changes)

    assert [(one.place, one.text, one.is_wrong) for one in checked.problems] == [
        (place, said, False)
    ]
    assert checked.form is None


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"name": "No Name"}, Place.PROMPT, "is not a prompt's name"),
        (
            {"types": (WrittenVariable(name="old", type=VariableType.NUMBER),)},
            Place.PROMPT,
            "takes a number, not 'this'",
        ),
        (
            {"types": (WrittenVariable(name="old", type=VariableType.CHOICE),)},
            Place.PROMPT,
            "names what can be chosen",
        ),
        ({"kind": Kind.ASK}, Place.PROMPT, "needs the JSON Schema of its answer"),
        ({"kind": Kind.ASK, "answer_schema": "{"}, Place.PROMPT, "not JSON: line 1, column 2"),
        ({"kind": Kind.ASK, "answer_schema": "[]"}, Place.PROMPT, "not a JSON object"),
        ({"source": PromptSource.SAVED, "prompt": "gone"}, Place.PROMPT, "gone"),
        ({"repositories": names("acme/a", "acme/b", "acme/c")}, Place.REPOSITORIES, "at most 2"),
        ({"repositories": names("other/a")}, Place.REPOSITORIES, "is not allowed"),
        ({"repositories": names("acme/secret")}, Place.REPOSITORIES, "is not allowed"),
        ({"options": WrittenOptions()}, Place.OPTIONS, "The model has no name"),
        (
            {"options": WrittenOptions(model="m", request_cap_usd=Decimal(0))},
            Place.OPTIONS,
            "A budget is above 0",
        ),
        (
            {"options": WrittenOptions(model="m", job_cap_usd=Decimal(0))},
            Place.OPTIONS,
            "A budget is above 0",
        ),
        ({"options": WrittenOptions(model="m", reviewers=("@dana",))}, Place.OPTIONS, "Reviewers"),
        ({"options": WrittenOptions(model="m", labels=("x" * 51,))}, Place.OPTIONS, "Labels"),
        ({"options": WrittenOptions(model="m", max_turns=0)}, Place.OPTIONS, "Turns"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    prompts: Prompts, changes: dict[str, Any], place: Place, said: str
) -> None:
    checked = judged(prompts, **changes)

    (problem,) = checked.problems
    assert (problem.place, problem.is_wrong) == (place, True)
    assert said in problem.text
    assert checked.form is None


def test_without_an_allow_list_the_form_is_refused_and_says_what_to_set(prompts: Prompts) -> None:
    nothing = Policy(AllowList(), max_repositories=5, has_daily_cap=False)

    (problem,) = check(WRITTEN, prompts, nothing, DANA).problems

    assert "CODYBATCH_ALLOWED_REPOSITORIES" in problem.text


def test_an_archived_prompt_is_refused_before_anything_is_submitted(prompts: Prompts) -> None:
    prompts.save(PromptDraft(name="p", template="One."), DANA)
    prompts.archive("p")

    saved = judged(prompts, source=PromptSource.SAVED, prompt="p")
    written = judged(prompts, name="p", text="Another.", values={})

    assert "is archived" in saved.problems[0].text
    assert "is archived" in written.problems[0].text


def test_a_default_stands_in_for_a_value_that_is_empty(prompts: Prompts) -> None:
    variable = Variable(name="a", default="one")
    prompts.save(PromptDraft(name="p", template="{{a}}", variables=(variable,)), DANA)

    checked = judged(prompts, source=PromptSource.SAVED, prompt="p", values={"a": ""})

    assert checked.prompt_text == "one"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# Replace utcnow()\n\nby now(UTC)", "replace-utcnow"),
        ("ÄÖ", "untitled"),
        ("x" * 80, "x" * 48),
    ],
)
def test_a_text_without_a_name_is_named_by_its_first_line(text: str, name: str) -> None:
    assert name_of(Draft(text=text)) == name
    assert name_of(Draft(text=text, name=" chosen ")) == "chosen"


def test_a_schema_is_judged_as_it_is_typed() -> None:
    held = '{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}'

    assert not schema_problem(held)
    assert "say what is allowed instead" in schema_problem('{"type": "object", "not": {}}')
    assert "nested too deeply" in schema_problem("[" * 100_000)
