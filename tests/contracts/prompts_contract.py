"""The contract of prompts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from codybatch.domain.errors import InvalidCursor, UnknownPrompt, UsageError
from codybatch.domain.prompts import Kind, PromptDraft, Variable
from codybatch.ports import PageRequest, Records
from tests.contracts.examples import ALICE, BOB, NOON, SOON
from tests.contracts.fixtures import StoreFixtures


def a_draft(template: str = "Do it.", name: str = "update", **changes: Any) -> PromptDraft:
    return PromptDraft.model_validate({"name": name, "template": template, **changes})


class PromptContract(StoreFixtures):
    def test_a_saved_prompt_is_read_as_it_was_saved(self, records: Records) -> None:
        draft = a_draft(
            "Answer about {{topic}}.",
            kind=Kind.ASK,
            variables=(Variable(name="topic", default="tests"),),
            description="Ask.",
            answer_schema={"type": "object", "properties": {"naïve": {"const": 1.5}}},
        )

        saved = records.save_prompt(draft, ALICE, NOON)

        assert saved.same_text(draft)
        assert (saved.number, saved.created_by, saved.created_at) == (1, ALICE, NOON)
        assert records.prompt("update") == saved
        assert records.prompt("update", 1) == saved

    def test_every_new_text_is_the_next_version(self, records: Records) -> None:
        texts = ["One.", "Two.", "Three."]

        saved = [records.save_prompt(a_draft(text), ALICE, NOON) for text in texts]

        assert [version.number for version in saved] == [1, 2, 3]
        assert records.prompt("update") == saved[-1]
        assert records.prompt("update", 2) == saved[1]
        assert records.prompt_versions("update") == tuple(reversed(saved))

    def test_the_latest_text_saved_again_is_the_same_version(self, records: Records) -> None:
        first = records.save_prompt(a_draft("One."), ALICE, NOON)

        assert records.save_prompt(a_draft("One."), BOB, SOON) == first
        assert records.prompt_versions("update") == (first,)

    def test_an_earlier_text_saved_again_is_a_new_version(self, records: Records) -> None:
        texts = ["One.", "Two.", "One."]

        saved = [records.save_prompt(a_draft(text), ALICE, NOON) for text in texts]

        assert [version.number for version in saved] == [1, 2, 3]

    @pytest.mark.parametrize(
        "change", [{"kind": "audit"}, {"description": "new"}, {"variables": ({"name": "x"},)}]
    )
    def test_a_change_beside_the_text_is_a_new_version_too(
        self, records: Records, change: dict[str, Any]
    ) -> None:
        records.save_prompt(a_draft(), ALICE, NOON)

        assert records.save_prompt(a_draft(**change), ALICE, NOON).number == 2

    def test_two_writers_at_once_get_two_versions(self, records: Records) -> None:
        drafts = [a_draft(f"Text {number}.") for number in range(8)]
        with ThreadPoolExecutor(8) as writers:
            saved = list(writers.map(lambda draft: records.save_prompt(draft, ALICE, NOON), drafts))

        assert sorted(version.number for version in saved) == list(range(1, 9))
        assert len(records.prompt_versions("update")) == 8

    def test_an_unknown_prompt_or_version_is_refused(self, records: Records) -> None:
        records.save_prompt(a_draft(), ALICE, NOON)

        for name, version in [("other", None), ("update", 2), ("update", 0), ("UPDATE", None)]:
            with pytest.raises(UnknownPrompt):
                records.prompt(name, version)
        with pytest.raises(UnknownPrompt):
            records.prompt_versions("other")

    def test_the_list_has_the_latest_version_of_every_prompt_by_name(
        self, records: Records
    ) -> None:
        for name in ("update", "audit-9", "a", "audit-10"):
            records.save_prompt(a_draft("One.", name), ALICE, NOON)
            records.save_prompt(a_draft("Two.", name), ALICE, NOON)

        listed = records.prompts().items

        assert [version.name for version in listed] == ["a", "audit-10", "audit-9", "update"]
        assert {version.number for version in listed} == {2}

    def test_the_list_goes_on_after_its_cursor_while_prompts_are_added(
        self, records: Records
    ) -> None:
        for name in ("a", "c", "e"):
            records.save_prompt(a_draft("One.", name), ALICE, NOON)
        first = records.prompts(PageRequest(limit=2))
        for name in ("b", "d"):
            records.save_prompt(a_draft("One.", name), ALICE, NOON)

        second = records.prompts(PageRequest(limit=2, cursor=first.cursor))

        assert [version.name for version in first.items] == ["a", "c"]
        assert [version.name for version in second.items] == ["d", "e"]
        assert second.cursor is None

    def test_an_archived_name_moves_to_the_other_list_and_back(self, records: Records) -> None:
        for name in ("a", "b", "c"):
            records.save_prompt(a_draft("One.", name), ALICE, NOON)

        def lists() -> tuple[list[str], list[str]]:
            both = (records.prompts(), records.prompts(archived=True))
            offered, archived = ([version.name for version in page.items] for page in both)
            return offered, archived

        assert records.archive_prompt("b")
        assert not records.archive_prompt("b")
        assert lists() == (["a", "c"], ["b"])
        assert [records.is_prompt_archived(name) for name in "abcd"] == [False, True, False, False]
        assert records.archive_prompt("b", archived=False)
        assert not records.archive_prompt("b", archived=False)
        assert lists() == (["a", "b", "c"], [])

    def test_an_archived_prompt_is_there_all_the_same(self, records: Records) -> None:
        first = records.save_prompt(a_draft("One."), ALICE, NOON)
        records.archive_prompt("update")

        second = records.save_prompt(a_draft("Two."), ALICE, NOON)

        assert records.prompt("update", 1) == first
        assert records.prompt_versions("update") == (second, first)
        assert records.is_prompt_archived("update")
        assert records.prompts(archived=True).items == (second,)

    def test_an_unknown_name_cannot_be_archived(self, records: Records) -> None:
        for archived in (True, False):
            with pytest.raises(UnknownPrompt):
                records.archive_prompt("update", archived=archived)

    def test_each_list_of_prompts_has_cursors_of_its_own(self, records: Records) -> None:
        for name in ("a", "b", "c", "d", "e"):
            records.save_prompt(a_draft("One.", name), ALICE, NOON)
            if name in "bde":
                records.archive_prompt(name)
        first = records.prompts(PageRequest(limit=2), archived=True)

        second = records.prompts(PageRequest(limit=2, cursor=first.cursor), archived=True)

        assert [version.name for version in first.items] == ["b", "d"]
        assert [version.name for version in second.items] == ["e"]
        with pytest.raises(InvalidCursor):
            records.prompts(PageRequest(cursor=first.cursor))

    def test_a_page_of_prompts_has_limits_and_refuses_a_forged_cursor(
        self, records: Records
    ) -> None:
        with pytest.raises(UsageError):
            records.prompts(PageRequest(limit=0))
        with pytest.raises(InvalidCursor):
            records.prompts(PageRequest(cursor="forged"))
