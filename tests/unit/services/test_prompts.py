"""The library of prompts: what is archived, copied and used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.errors import InvalidPrompt, PromptArchived, UnknownPrompt
from codybatch.domain.prompts import Kind, PromptDraft, Variable
from codybatch.domain.states import JobState
from codybatch.domain.tallies import PromptTally, Tally
from codybatch.ports import PageRequest, Records
from codybatch.services.prompts import Prompts
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import ALICE, BOB, NOON, created, minutes, running, settled
from tests.unit.services.publishing import SteadyClock
from tests.worker.world import CLEAN, UTCNOW, world


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = EmbeddedStore(tmp_path)
    yield store.records
    store.close()


@pytest.fixture
def prompts(records: Records) -> Prompts:
    return Prompts(records, SteadyClock())


def draft(template: str = "Tidy {{what}}.", name: str = "tidy") -> PromptDraft:
    what = Variable(name="what", default="imports")
    return PromptDraft(name=name, template=template, variables=(what,), kind=Kind.AUDIT)


def names(prompts: Prompts, *, archived: bool = False) -> list[str]:
    return [one.name for one in prompts.latest(archived=archived).items]


def test_an_archived_prompt_is_no_longer_offered_and_stays_readable(prompts: Prompts) -> None:
    saved = prompts.save(draft(), ALICE)
    prompts.save(draft(name="other"), ALICE)

    assert prompts.archive("tidy")

    assert (names(prompts), names(prompts, archived=True)) == (["other"], ["tidy"])
    assert prompts.find("tidy") == prompts.find("tidy@1") == saved
    assert not prompts.archive("tidy")
    assert prompts.unarchive("tidy")
    assert names(prompts) == ["other", "tidy"]


def test_nothing_new_is_saved_under_an_archived_name(prompts: Prompts) -> None:
    saved = prompts.save(draft(), ALICE)
    prompts.archive("tidy")

    assert prompts.save(draft(), BOB) == saved
    with pytest.raises(PromptArchived, match="codybatch prompts unarchive tidy"):
        prompts.save(draft("Tidy {{what}} well."), BOB)
    assert prompts.versions("tidy") == (saved,)


def test_a_copy_is_the_first_version_of_its_own_name(prompts: Prompts) -> None:
    first = prompts.save(draft(), ALICE)
    prompts.save(draft("Tidy {{what}} well."), ALICE)
    prompts.archive("tidy")

    copy = prompts.duplicate("tidy@1", "tidy-more", BOB)

    assert (copy.name, copy.number, copy.created_by) == ("tidy-more", 1, BOB)
    assert first.same_text(PromptDraft(**{**dict(draft()), "name": "tidy"}))
    assert (copy.template, copy.variables, copy.kind) == (
        first.template,
        first.variables,
        first.kind,
    )
    assert names(prompts) == ["tidy-more"]


def test_a_copy_takes_no_name_that_is_taken(prompts: Prompts) -> None:
    for name in ("tidy", "other"):
        prompts.save(draft(name=name), ALICE)
    prompts.archive("other")

    for taken in ("tidy", "other"):
        with pytest.raises(InvalidPrompt, match="already"):
            prompts.duplicate("tidy", taken, ALICE)
    with pytest.raises(UnknownPrompt):
        prompts.duplicate("missing", "new", ALICE)
    with pytest.raises(InvalidPrompt, match="name"):
        prompts.duplicate("tidy", "No Name", ALICE)


def test_it_is_known_what_uses_a_prompt_and_how_that_went(
    prompts: Prompts, records: Records
) -> None:
    older = created(records).request
    newer = settled(records, running(records, at=NOON + minutes(1)), state=JobState.PARTIAL)

    used = prompts.used_by("update", PageRequest(limit=1))

    assert [request.id for request in used.items] == [newer.request]
    rest = prompts.used_by("update", PageRequest(cursor=used.cursor))
    assert [request.id for request in rest.items] == [older.id]
    assert prompts.tallies("update") == (PromptTally(version=1, tally=Tally(partial=1)),)
    assert prompts.used_by("tidy").items == ()


def test_an_archived_prompt_is_not_submitted_anew_and_its_request_is_found_again(
    tmp_path: Path,
) -> None:
    with world(tmp_path, {"acme/clean": CLEAN}) as w:
        first = w.submit("acme/clean", key="once")
        w.app.prompts.archive("utcnow")

        assert w.submit("acme/clean", key="once").request.id == first.request.id
        for key in (None, "twice"):
            with pytest.raises(PromptArchived, match="unarchive utcnow"):
                w.submit("acme/clean", key=key)
        with pytest.raises(PromptArchived):
            w.submit("acme/clean", prompt=UTCNOW + " All of them.")

        (ended,) = w.wait(first)
        assert ended.state is JobState.SUCCEEDED
