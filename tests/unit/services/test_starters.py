from __future__ import annotations

import pytest

from codybatch.domain.answer_schema import check_answer_schema
from codybatch.domain.errors import UnknownPrompt
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.services.starters import starter_named, starters

STARTERS = starters()


def test_there_is_enough_of_each_kind() -> None:
    kinds = [one.kind for one in STARTERS]

    assert len(STARTERS) >= 8
    assert kinds == sorted(kinds, key=list(Kind).index)
    assert all(kinds.count(kind) >= 2 for kind in Kind)


@pytest.mark.parametrize("starter", STARTERS, ids=[one.name for one in STARTERS])
def test_each_can_be_saved_as_it_is_and_run_without_a_value(starter: PromptDraft) -> None:
    starter.check_variables()
    if starter.answer_schema is not None:
        check_answer_schema(starter.answer_schema)

    assert (starter.answer_schema is not None) is (starter.kind is Kind.ASK)
    assert "{{" not in starter.render({})
    assert 20 <= len(starter.description) <= 100
    assert [one.name for one in starter.declared() if not one.description] == []


def test_each_change_and_each_audit_says_when_there_is_nothing_to_do() -> None:
    said = {Kind.CHANGE: ("No change is needed where", "Verify"), Kind.AUDIT: ("Change no file",)}

    for one in STARTERS:
        text = " ".join(one.template.split())
        assert [words for words in said.get(one.kind, ()) if words not in text] == [], one.name


def test_one_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(UnknownPrompt, match="there are add-request-timeouts"):
        starter_named("nothing")
