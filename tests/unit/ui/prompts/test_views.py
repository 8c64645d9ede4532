"""The library and one prompt, as words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codybatch.clock import SystemClock
from codybatch.domain.errors import UnknownPrompt
from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import PromptDraft, Variable, VariableType
from codybatch.services.prompts import Prompts
from codybatch.services.starters import starter_named
from codybatch.ui.prompts.listing import PromptList, PromptQuery, prompt_list, starters_shown
from codybatch.ui.prompts.view import PromptView, changes, prompt_view
from tests.ui_kit import Gallery

DANA = Person("dana")


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


@pytest.fixture
def prompts(gallery: Gallery) -> Prompts:
    return Prompts(gallery.records, SystemClock())


def listed(prompts: Prompts, words: str = "", *, archived: bool = False) -> PromptList:
    return prompt_list(prompts, str, datetime.now(UTC), PromptQuery(words, archived))


def viewed(prompts: Prompts, name: str, number: int | None = None) -> PromptView:
    return prompt_view(prompts, str, datetime.now(UTC), name, number)


def test_a_row_counts_what_became_of_all_versions(gallery: Gallery, prompts: Prompts) -> None:
    job = gallery.published()
    gallery.judge(job, "dana", Decision.ACCEPT)
    prompts.save(PromptDraft(name=job.prompt.name, template="What ran."), DANA)
    prompts.save(PromptDraft(name=job.prompt.name, template="Another text."), DANA)

    (row,) = listed(prompts).rows

    assert (row.name, row.version, row.jobs) == (job.prompt.name, "v2", "1 job")
    assert (row.acceptance, row.cost) == ("1 of 1 accepted", "$0.84 a job")


def test_a_search_takes_all_words_of_name_kind_and_description(prompts: Prompts) -> None:
    prompts.save(starter_named("find-swallowed-exceptions"), DANA)
    prompts.save(PromptDraft(name="tidy", template="Tidy up."), DANA)

    assert [row.name for row in listed(prompts, "audit HIDE").rows] == ["find-swallowed-exceptions"]
    assert [row.about for row in listed(prompts, "tidy").rows] == ["Tidy up."]
    assert listed(prompts, "tidy audit").rows == ()
    assert listed(prompts, "tidy").rows[0].jobs == "not run"


def test_archived_prompts_are_listed_apart_and_their_starters_are_known(prompts: Prompts) -> None:
    prompts.save(starter_named("replace-utcnow"), DANA)
    prompts.archive("replace-utcnow")

    assert listed(prompts).rows == ()
    assert [row.name for row in listed(prompts, archived=True).rows] == ["replace-utcnow"]
    saved = [one.name for one in starters_shown(prompts, str) if one.is_saved]
    assert saved == ["replace-utcnow"]


def test_a_version_shows_its_own_text_variables_and_results(
    gallery: Gallery, prompts: Prompts
) -> None:
    job = gallery.published()
    prompts.save(PromptDraft(name=job.prompt.name, template="What ran."), DANA)
    many = Variable(name="many", type=VariableType.NUMBER, default="3", description="How many")
    draft = PromptDraft(name=job.prompt.name, template="{{many}} of {{what}}", variables=(many,))
    prompts.save(draft, DANA)

    new, old = viewed(prompts, job.prompt.name), viewed(prompts, job.prompt.name, 1)

    assert (new.number, old.number, old.latest) == (2, 1, 2)
    assert [(one.name, one.takes, one.default) for one in new.variables] == [
        ("many", "Number", "3"),
        ("what", "Text", None),
    ]
    assert dict(old.facts)["Jobs"] == "1 of 1"
    assert dict(new.facts)["Jobs"] == "0 of 1"
    assert [line.told for line in new.history] == ["not run", "1 job · $0.84 a job"]
    assert [row.id for row in new.used] == [job.request]


def test_a_version_is_first_compared_with_the_one_before(prompts: Prompts) -> None:
    for text in ("One.", "Two.", "Three."):
        prompts.save(PromptDraft(name="count", template=text), DANA)

    assert viewed(prompts, "count").others == (2, 1)
    assert viewed(prompts, "count", 2).others == (1, 3)
    assert "-Two.\n+Three." in changes(prompts, str, "count", 3, 2)
    assert changes(prompts, str, "count", 2, 2) == ""


def test_a_version_that_is_not_there_is_named(prompts: Prompts) -> None:
    prompts.save(PromptDraft(name="count", template="One."), DANA)

    with pytest.raises(UnknownPrompt, match="no version 7"):
        viewed(prompts, "count", 7)
    with pytest.raises(UnknownPrompt):
        viewed(prompts, "nothing")
