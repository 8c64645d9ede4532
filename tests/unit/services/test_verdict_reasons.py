"""The list of reasons: the operator's until somebody changes it, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.documents import EVERYBODY, PersonDocument
from codybatch.domain.errors import StaleWrite, UsageError
from codybatch.domain.prompts import Kind
from codybatch.ports import Records
from codybatch.services.verdict_reasons import MAX_REASON, MAX_REASONS, VerdictReasons
from codybatch.stores.embedded import EmbeddedStore

OPERATORS = ("wrong", "too large")


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = EmbeddedStore(tmp_path)
    yield store.records
    store.close()


@pytest.fixture
def reasons(records: Records) -> VerdictReasons:
    return VerdictReasons(records, OPERATORS)


def test_the_operators_list_holds_until_somebody_changes_it(reasons: VerdictReasons) -> None:
    assert reasons.of(Kind.CHANGE) == OPERATORS

    reasons.keep([" off   topic ", "", "Wrong", "OFF topic"], {}, 0)

    assert reasons.of(Kind.CHANGE) == reasons.of(Kind.ASK) == ("off topic", "Wrong")


def test_a_kind_may_have_a_list_of_its_own(reasons: VerdictReasons) -> None:
    reasons.keep([], {Kind.AUDIT: ["false alarm"], Kind.ASK: [" "]}, 0)

    assert reasons.of(Kind.AUDIT) == ("false alarm",)
    assert reasons.of(Kind.ASK) == reasons.of(Kind.CHANGE) == OPERATORS


def test_each_change_can_be_undone_down_to_the_operators_list(reasons: VerdictReasons) -> None:
    first = reasons.keep(["a"], {}, 0)
    second = reasons.keep(["b"], {Kind.ASK: ["c"]}, first.version)
    assert reasons.keep(["b"], {Kind.ASK: ["c"]}, second.version) == second  # nothing changed

    third = reasons.undo(second.version)
    assert reasons.of(Kind.ASK) == ("a",)
    last = reasons.undo(third.version)

    assert reasons.of(Kind.ASK) == OPERATORS
    assert not last.can_undo
    with pytest.raises(UsageError, match="no earlier list"):
        reasons.undo(last.version)


def test_of_two_who_change_it_at_once_one_is_told(reasons: VerdictReasons) -> None:
    seen = reasons.kept()
    reasons.keep(["mine"], {}, seen.version)

    with pytest.raises(StaleWrite):
        reasons.keep(["yours"], {}, seen.version)
    assert reasons.of(Kind.CHANGE) == ("mine",)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (["a, b"], "no comma"),
        (["a; b"], "no comma"),
        (["a\u202eb"], "nothing hidden"),
        (["x" * (MAX_REASON + 1)], "61"),
        ([str(number) for number in range(MAX_REASONS + 1)], "up to 40"),
    ],
)
def test_what_is_no_reason_is_refused(
    reasons: VerdictReasons, written: list[str], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        reasons.keep(written, {}, 0)
    assert reasons.of(Kind.CHANGE) == OPERATORS


def test_a_list_that_cannot_be_read_is_the_operators_and_can_be_replaced(
    records: Records, reasons: VerdictReasons
) -> None:
    damaged = PersonDocument(person=EVERYBODY, name="verdict-reasons", content='{"lists": 7}')
    records.put_person_document(damaged)

    assert reasons.of(Kind.CHANGE) == OPERATORS
    reasons.keep(["new"], {}, reasons.kept().version)
    assert reasons.of(Kind.CHANGE) == ("new",)
