"""A draft that is kept for a person and taken down again."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from codybatch.composition import Application, application
from codybatch.domain.errors import StaleWrite
from codybatch.domain.prompts import Kind, VariableType
from codybatch.domain.publication import PublishMode
from codybatch.domain.repositories import AllowList, RepositoryRef
from codybatch.domain.requests import Effort, ExistingPullRequest
from codybatch.services.option_choices import OptionChoices
from codybatch.services.preferences import Preferences
from codybatch.settings import load_settings
from codybatch.ui.compose.draft import (
    ChosenRepository,
    Draft,
    PromptSource,
    WrittenOptions,
    WrittenVariable,
)
from codybatch.ui.compose.keeping import Shelf, blank, discarded, taken_down

FULL = Draft(
    source=PromptSource.WRITTEN,
    text="Replace {{old}} by {{level}}.",
    name="replace-it",
    kind=Kind.ASK,
    answer_schema='{"type": ',
    types=(WrittenVariable(name="level", type=VariableType.CHOICE, choices=("low", "high")),),
    values={"old": "this"},
    repositories=(ChosenRepository(repository=RepositoryRef.parse("acme/api@next")),),
    options=WrittenOptions(
        title="Mine",
        model="claude-opus-5-5",
        effort=Effort.HIGH,
        request_cap_usd=None,
        job_cap_usd=Decimal("0.5"),
        max_turns=7,
        max_minutes=8,
        publish=PublishMode.DRAFT,
        rehearse=True,
        follow_guidance=True,
        existing=ExistingPullRequest.ANOTHER,
        labels=("bot",),
        reviewers=("acme/team",),
        assignees=("dana",),
    ),
    key="a-key",
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Application]:
    allowed = AllowList.parse("acme/*")
    made = application(
        load_settings(home=tmp_path / "home", person="dana", allowed_repositories=allowed)
    )
    yield made
    made.close()


def again(app: Application) -> Draft:
    return taken_down(app, has_prompts=True)[0]


def test_all_of_a_draft_is_there_again(app: Application) -> None:
    Shelf().keep(app, FULL)

    assert again(app) == FULL


def test_a_saved_prompt_is_there_again_with_its_version_and_the_text_beside_it(
    app: Application,
) -> None:
    draft = FULL.with_(source=PromptSource.SAVED, prompt="p", version=3)
    shelf = Shelf().keep(app, draft)
    assert again(app) == draft

    shelf.keep(app, draft.with_(version=None))
    assert again(app).version is None


def test_an_option_that_is_wrong_costs_nothing_else(app: Application) -> None:
    wrong = FULL.options.with_(reviewers=("@nobody",))

    Shelf().keep(app, FULL.with_(options=wrong))

    assert again(app) == FULL.with_(options=FULL.options.with_(reviewers=()))


def test_an_empty_draft_leaves_nothing_behind(app: Application) -> None:
    Shelf().keep(app, blank(app, has_prompts=True))

    assert app.personal.draft(app.person).version == 0


def test_what_has_not_changed_is_not_written_again(app: Application) -> None:
    shelf = Shelf().keep(app, FULL)

    assert shelf.keep(app, FULL) is shelf


def test_a_draft_that_changed_elsewhere_is_not_overwritten_unless_a_person_says_so(
    app: Application,
) -> None:
    here = Shelf().keep(app, FULL)
    elsewhere = here.keep(app, FULL.with_(text="Theirs."))

    with pytest.raises(StaleWrite):
        here.keep(app, FULL.with_(text="Mine."))
    assert again(app).text == "Theirs."
    here.overwrite(app, FULL.with_(text="Mine."))

    assert again(app).text == "Mine."
    with pytest.raises(StaleWrite):
        elsewhere.keep(app, FULL)


def test_a_draft_that_was_discarded_elsewhere_does_not_come_back(app: Application) -> None:
    here = Shelf().keep(app, FULL)
    discarded(app)

    with pytest.raises(StaleWrite):
        here.keep(app, FULL.with_(text="Mine."))


def test_an_empty_draft_has_the_persons_defaults_over_the_settings(app: Application) -> None:
    defaults = OptionChoices(max_turns=9, publish=PublishMode.BRANCH, request_cost_cap_usd="none")
    app.personal.keep_preferences(app.person, Preferences(defaults=defaults), None)

    draft = blank(app, has_prompts=False)

    options = draft.options
    assert (options.max_turns, options.publish) == (9, PublishMode.BRANCH)
    assert options.request_cap_usd is None
    assert options.job_cap_usd == app.settings.job_cost_cap_usd
    assert draft.source is PromptSource.WRITTEN
    assert draft.key
    assert draft.key != blank(app, has_prompts=False).key
