"""What is kept for a person: typed, forgiving to read, and never lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from codybatch.domain.documents import MAX_DOCUMENT_BYTES, PersonDocument
from codybatch.domain.errors import DocumentTooLarge, StaleWrite
from codybatch.domain.prompts import MAX_TEMPLATE_BYTES, Kind
from codybatch.domain.publication import PublishMode
from codybatch.domain.requests import Effort, RequestOptions
from codybatch.ports import Records
from codybatch.services.option_choices import NO_CAP, OptionChoices
from codybatch.services.preferences import (
    MAX_MARKS,
    DiffView,
    Draft,
    Personal,
    Preferences,
    Theme,
    ViewedMarks,
    WrittenExperiment,
    WrittenPrompt,
)
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import ALICE, BOB, UNKNOWN_JOB
from tests.unit.services.publishing import SteadyClock

OPTIONS = RequestOptions(model="claude-sonnet-5-5", job_cost_cap_usd=Decimal(2))


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = EmbeddedStore(tmp_path)
    yield store.records
    store.close()


@pytest.fixture
def personal(records: Records) -> Personal:
    return Personal(records, SteadyClock())


def written(records: Records, content: object, name: str = "preferences") -> int:
    """Put a document behind the service's back."""
    text = content if isinstance(content, str) else json.dumps(content)
    document = PersonDocument(person=ALICE, name=name, content=text)
    return records.put_person_document(document, overwrite=True).version


def test_who_has_kept_nothing_has_the_defaults(personal: Personal) -> None:
    kept = personal.preferences(ALICE)

    assert (kept.value, kept.version, kept.unreadable) == (Preferences(), 0, ())
    assert personal.draft(ALICE).value == Draft()
    assert personal.viewed(ALICE, UNKNOWN_JOB).value == ViewedMarks()


def test_preferences_are_read_as_they_were_kept(personal: Personal) -> None:
    preferences = Preferences(
        theme=Theme.DARK,
        time_zone="Europe/Zurich",
        defaults=OptionChoices(effort=Effort.HIGH, job_cost_cap_usd=Decimal("1.50")),
        table_columns={"jobs": ("repository", "cost")},
        diff_view=DiffView.UNIFIED,
    )

    kept = personal.keep_preferences(ALICE, preferences, version=0)

    assert personal.preferences(ALICE) == kept
    assert kept.value == preferences
    assert personal.preferences(BOB).value == Preferences()


def test_another_window_is_not_overwritten_unless_it_is_asked_for(personal: Personal) -> None:
    read = personal.keep_preferences(ALICE, Preferences(theme=Theme.DARK), version=0)
    personal.keep_preferences(ALICE, Preferences(theme=Theme.LIGHT), read.version)

    with pytest.raises(StaleWrite, match="another window"):
        personal.keep_preferences(ALICE, Preferences(), read.version)
    assert personal.preferences(ALICE).value.theme is Theme.LIGHT

    personal.keep_preferences(ALICE, Preferences(), None)
    assert personal.preferences(ALICE).value == Preferences()


@pytest.mark.parametrize("name", ["Europe/Zurich", "UTC", "America/Argentina/Ushuaia"])
def test_a_time_zone_is_one_of_the_database(name: str) -> None:
    assert Preferences(time_zone=name).time_zone == name


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "../etc/passwd", "/etc/localtime", "Europe", "\0"]
)
def test_anything_else_is_no_time_zone(name: str) -> None:
    with pytest.raises(ValidationError, match="Europe/Zurich"):
        Preferences(time_zone=name)


def test_a_damaged_part_has_its_default_and_the_others_stay(
    personal: Personal, records: Records
) -> None:
    version = written(
        records,
        {
            "theme": "neon",
            "timeZone": "Europe/Zurich",
            "defaults": {"effort": "heroic", "maxTurns": 20, "jobCostCapUsd": "plenty"},
            "tableColumns": {"jobs": [1], "requests": ["title"]},
        },
    )

    kept = personal.preferences(ALICE)

    assert kept.version == version
    assert kept.unreadable == (
        "defaults.effort",
        "defaults.jobCostCapUsd",
        "tableColumns.jobs",
        "theme",
    )
    assert kept.value == Preferences(
        time_zone="Europe/Zurich",
        defaults=OptionChoices(max_turns=20),
        table_columns={"requests": ("title",)},
    )


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"x"', "[" * 10_000, "\x00"])
def test_a_document_of_another_kind_gives_the_defaults(
    personal: Personal, records: Records, content: str
) -> None:
    written(records, content)

    kept = personal.preferences(ALICE)

    assert (kept.value, kept.unreadable) == (Preferences(), (".",))


def test_what_cannot_be_read_is_set_aside_when_something_takes_its_place(
    personal: Personal, records: Records
) -> None:
    version = written(records, '{"theme": "neon"}')

    personal.keep_preferences(ALICE, Preferences(theme=Theme.DARK), version)

    aside = records.person_document(ALICE, "preferences.set-aside")
    assert aside is not None
    assert aside.content == '{"theme": "neon"}'
    assert personal.preferences(ALICE).value.theme is Theme.DARK


def test_what_a_newer_release_keeps_is_not_lost(personal: Personal, records: Records) -> None:
    version = written(records, {"theme": "dark", "font": "large", "defaults": {"speed": "fast"}})
    preferences = personal.preferences(ALICE).value

    personal.keep_preferences(ALICE, preferences.with_(time_zone="UTC"), version)

    stored = records.person_document(ALICE, "preferences")
    assert stored is not None
    content = json.loads(stored.content)
    assert (content["theme"], content["timeZone"], content["font"]) == ("dark", "UTC", "large")
    assert content["defaults"]["speed"] == "fast"
    assert personal.preferences(ALICE).unreadable == ()


def test_a_choice_takes_the_place_of_a_setting_and_no_choice_does_not() -> None:
    chosen = OptionChoices(
        effort=Effort.LOW, max_turns=10, publish=PublishMode.DRAFT, labels=(), rehearse=True
    )

    options = chosen.over(OPTIONS.with_(labels=("a",)))

    assert options == OPTIONS.with_(
        effort=Effort.LOW, max_turns=10, publish=PublishMode.DRAFT, rehearse=True
    )
    assert OptionChoices().over(OPTIONS) == OPTIONS


def test_a_cap_may_be_chosen_to_be_none() -> None:
    none = OptionChoices(job_cost_cap_usd=NO_CAP, request_cost_cap_usd=NO_CAP)
    five = OptionChoices(job_cost_cap_usd=Decimal(5), request_cost_cap_usd=Decimal(5))

    caps = [
        (chosen.over(OPTIONS).job_cost_cap_usd, chosen.request_cap_over(Decimal(10)))
        for chosen in (none, five, OptionChoices())
    ]

    assert caps == [(None, None), (5, 5), (2, 10)]
    assert OptionChoices.model_validate_json(none.to_json()) == none


def test_a_draft_keeps_what_is_unfinished(personal: Personal) -> None:
    draft = Draft(
        text="Which {{thing}}?",
        kind=Kind.ASK,
        answer_schema='{"type": "obj',
        variables={"thing": ""},
        repositories=("acme/api", "acme/"),
        options=OptionChoices(request_cost_cap_usd=Decimal(3)),
    )

    kept = personal.keep_draft(ALICE, draft, version=0)

    assert personal.draft(ALICE) == kept
    assert kept.value.with_(submission_key="") == draft


def test_a_draft_has_one_key_until_it_is_discarded(personal: Personal) -> None:
    first = personal.keep_draft(ALICE, Draft(text="One."), version=0)
    second = personal.keep_draft(ALICE, first.value.with_(text="Two."), first.version)

    assert second.value.submission_key == first.value.submission_key != ""
    assert [personal.discard_draft(ALICE) for _ in range(2)] == [True, False]
    again = personal.keep_draft(ALICE, personal.draft(ALICE).value, version=0)
    assert again.value.submission_key not in {"", first.value.submission_key}


def test_the_longest_prompt_fits_into_a_draft(personal: Personal) -> None:
    longest = "line\n" * (MAX_TEMPLATE_BYTES // 5)

    personal.keep_draft(ALICE, Draft(text=longest), version=0)

    assert personal.draft(ALICE).value.text == longest
    with pytest.raises(DocumentTooLarge, match=f"{MAX_DOCUMENT_BYTES:,}"):
        personal.keep_draft(ALICE, Draft(text="x" * MAX_DOCUMENT_BYTES), None)
    assert personal.draft(ALICE).value.text == longest


def test_a_mark_is_of_a_file_as_it_was_viewed(personal: Personal) -> None:
    personal.mark_viewed(ALICE, UNKNOWN_JOB, "src/a.py", "b1")
    personal.mark_viewed(ALICE, UNKNOWN_JOB, "src/bad\udcff.py", "b2")

    viewed = personal.viewed(ALICE, UNKNOWN_JOB).value
    assert viewed.has("src/a.py", "b1")
    assert viewed.has("src/bad\udcff.py", "b2")
    assert not viewed.has("src/a.py", "b2")
    assert not viewed.has("src/b.py", "b1")
    assert not personal.viewed(BOB, UNKNOWN_JOB).value.has("src/a.py", "b1")


def test_a_mark_is_taken_back(personal: Personal) -> None:
    for path in ("a", "b", "a"):
        personal.mark_viewed(ALICE, UNKNOWN_JOB, path, "1")

    left = personal.mark_viewed(ALICE, UNKNOWN_JOB, "a", "1", viewed=False)

    assert left == personal.viewed(ALICE, UNKNOWN_JOB).value
    assert (left.has("a", "1"), left.has("b", "1"), len(left.marks)) == (False, True, 1)


def test_two_windows_that_mark_at_once_lose_nothing(personal: Personal) -> None:
    def mark(number: int) -> None:
        personal.mark_viewed(ALICE, UNKNOWN_JOB, str(number), "1")

    with ThreadPoolExecutor(2) as windows:
        list(windows.map(mark, range(20)))

    viewed = personal.viewed(ALICE, UNKNOWN_JOB).value
    assert all(viewed.has(str(number), "1") for number in range(20))


def test_so_many_marks_as_are_kept_fit_into_a_document(
    personal: Personal, records: Records
) -> None:
    many = ViewedMarks(marks=tuple(f"{number:016x}" for number in range(MAX_MARKS)))
    written(records, many.to_json(), f"viewed.{UNKNOWN_JOB}")

    marks = personal.mark_viewed(ALICE, UNKNOWN_JOB, "a", "1")

    assert marks.has("a", "1")
    assert len(marks.marks) == MAX_MARKS


def test_a_prompt_that_is_being_written_is_kept_by_its_name_until_it_is_forgotten(
    personal: Personal,
) -> None:
    personal.keep_written_prompt(ALICE, "tidy", WrittenPrompt(text="Tidy {{it."))
    personal.keep_written_prompt(ALICE, "", WrittenPrompt(text="New."))

    assert personal.written_prompt(ALICE, "tidy") == WrittenPrompt(text="Tidy {{it.")
    assert personal.written_prompt(ALICE, "other") is None
    assert [personal.forget_written_prompt(ALICE, "tidy") for _ in range(2)] == [True, False]
    assert personal.written_prompt(ALICE, "tidy") is None
    assert personal.written_prompt(ALICE, "") == WrittenPrompt(text="New.")


def test_an_experiment_is_kept_while_it_is_set_up_for_its_person_alone(personal: Personal) -> None:
    assert personal.written_experiment(ALICE) == WrittenExperiment()
    set_up = WrittenExperiment(prompts=("tidy@1", "tidy@2"), repositories="acme/api")

    personal.keep_written_experiment(ALICE, set_up)
    personal.keep_written_experiment(ALICE, set_up.with_(repetitions=5))

    assert personal.written_experiment(ALICE) == set_up.with_(repetitions=5)
    assert personal.written_experiment(BOB) == WrittenExperiment()
    assert personal.forget_written_experiment(ALICE)
    assert personal.written_experiment(ALICE) == WrittenExperiment()
