"""The verbs of the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import StoreError, StoreUnavailable
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws.expressions import absent, differs, either, equals, every, one_of, present
from codybatch.stores.aws.items import Attributes, Item, Key, Value
from codybatch.stores.aws.table import ConditionsFailed, Range, Table
from codybatch.stores.aws.transaction import MAX_WRITES, Transaction
from tests.unit.stores.aws.tables import HASTE, a_table

KEY = Key("a", "b")
RESERVED: Attributes = {"name": "x", "status": "y", "size": 3, "values": "z"}
"""Words that an expression could not hold as they are."""


@pytest.fixture
def table(tmp_path: Path, aws: AwsStandin) -> Iterator[Table]:
    del aws
    table = a_table(tmp_path)
    yield table
    table.connection.close()


def items(number: int, pk: str = "a", **attributes: Value) -> list[Item]:
    return [Item(Key(pk, f"{index:04d}"), attributes) for index in range(number)]


def test_an_item_is_put_read_and_removed(table: Table) -> None:
    seen = [table.get(KEY)]
    table.put(KEY, RESERVED)
    seen.append(table.get(KEY))
    table.delete(KEY)
    seen.append(table.get(KEY))

    assert seen == [None, Item(KEY, RESERVED), None]


def test_many_items_are_written_and_read_at_once(table: Table) -> None:
    many = items(260, n=1)
    table.put_many(many)

    found = table.get_many([*(item.key for item in many), KEY, many[0].key])
    table.delete_many([item.key for item in many[10:]])

    assert found == {item.key: item for item in many}
    assert list(table.query(Range("a"))) == many[:10]


def test_a_range_has_both_its_ends_and_nothing_else(table: Table) -> None:
    table.put_many([*items(10), *items(10, "other")])

    found = table.query(Range("a", "0003", "0006"))
    backwards = table.query(Range("a", "0003", "0006"), newest_first=True, limit=2)

    assert [item.key.sk for item in found] == ["0003", "0004", "0005", "0006"]
    assert [item.key.sk for item in backwards] == ["0006", "0005", "0004", "0003"]


def test_a_range_of_many_megabytes_is_read_to_its_end(table: Table) -> None:
    table.put_many(items(8, text="x" * 300_000))

    assert len(list(table.query(Range("a")))) == 8


def test_a_count_goes_up_to_its_bound(table: Table) -> None:
    table.put_many(items(7))

    assert [table.count(Range("a"), most) for most in (3, 7, 100)] == [3, 7, 7]


def test_a_transaction_is_written_whole_or_not_at_all(table: Table) -> None:
    first, second = Transaction(), Transaction()
    first.put(KEY, {"n": 1}, absent(), "mine")
    first.put(Key("a", "c"))
    second.put(Key("a", "d"))
    second.update(KEY, {"n": 2}, condition=equals("n", 9), label="mine")
    table.transact(first)

    with pytest.raises(ConditionsFailed) as failed:
        table.transact(second)

    assert failed.value.found == {"mine": Item(KEY, {"n": 1})}
    assert [item.key.sk for item in table.query(Range("a"))] == ["b", "c"]


def test_changes_of_one_item_become_one_write(table: Table) -> None:
    transaction = Transaction()
    transaction.update(KEY, {"status": "new"}, condition=absent(), label="mine")
    transaction.add(KEY, "n", 2)
    transaction.add(KEY, "n", 3)
    transaction.add(KEY, "nothing", 1)
    transaction.add(KEY, "nothing", -1)
    transaction.update(KEY, remove=["gone"], condition=absent("other"))
    table.transact(transaction)

    assert table.get(KEY) == Item(KEY, {"status": "new", "n": 5})
    assert transaction.labels == ("mine",)


def test_what_changes_nothing_is_not_written(table: Table) -> None:
    idle, asking = Transaction(), Transaction()
    idle.add(KEY, "n", 0)
    asking.update(KEY, condition=absent())

    table.transact(idle)

    assert idle.written("t") == []
    assert table.attempt(asking, "look")
    assert table.get(KEY) is None


def test_an_item_is_not_put_twice_in_one_transaction() -> None:
    transaction = Transaction()
    transaction.put(KEY)

    for write in (transaction.put, transaction.delete):
        with pytest.raises(StoreError, match="twice"):
            write(KEY)


def test_a_transaction_has_a_bound_and_may_be_split() -> None:
    transaction = Transaction()
    for item in items(MAX_WRITES + 1):
        transaction.put(item.key, label="x" if item.key.sk < "0003" else "")

    with pytest.raises(StoreError, match="101"):
        transaction.written("t")
    taken = transaction.taken("x")

    assert [len(part.keys) for part in (taken, transaction)] == [3, 98]
    assert [len(part.keys) for part in transaction.in_parts()] == [98]
    assert not transaction.is_too_long


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (present(), True),
        (absent(), False),
        (absent("other"), True),
        (equals("size", 3), True),
        (differs("size", 3), False),
        (differs("other", 3), True),
        (one_of("name", ["w", "x"]), True),
        (one_of("name", ["w"]), False),
        (every(present(), equals("size", 4)), False),
        (either(absent(), equals("size", 3)), True),
        (every(either(absent(), present()), either(absent(), equals("size", 4))), False),
        (equals("name", "x OR size = 3"), False),
    ],
)
def test_conditions_hold_or_do_not(table: Table, condition: Any, holds: bool) -> None:
    table.put(KEY, RESERVED)
    transaction = Transaction()
    transaction.check(KEY, condition, "check")

    assert table.attempt(transaction, "look") is holds


def test_an_update_says_what_is_there_then(table: Table) -> None:
    table.put(KEY, {"n": 1, "state": "new"})

    def change(state: str) -> Item | None:
        return table.update(
            KEY, put={"state": "old"}, add={"n": 1}, condition=equals("state", state), mark="mark"
        )

    changed = change("new")

    assert changed
    assert (changed.number("n"), changed.text("state")) == (2, "old")
    assert change("new") is None
    assert table.get(KEY) == changed


def test_what_dynamodb_left_undone_is_asked_for_again(table: Table) -> None:
    """Batches answer with what they had no room for; the stand-in never does."""
    asked: list[dict[str, Any]] = []
    done: list[str] = []

    def keep(params: dict[str, Any], model: Any, **_: Any) -> None:
        del model
        asked.append(params["RequestItems"])

    def nothing(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in done:
            return
        done.append(model.name)
        name = "UnprocessedKeys" if model.name == "BatchGetItem" else "UnprocessedItems"
        parsed[name] = asked[-1]
        if model.name == "BatchGetItem":
            parsed["Responses"] = {}

    events = table.connection.client.meta.events
    for verb in ("BatchGetItem", "BatchWriteItem"):
        events.register(f"provide-client-params.dynamodb.{verb}", keep)
        events.register(f"after-call.dynamodb.{verb}", nothing)

    table.put_many(items(3))
    found = table.get_many([item.key for item in items(3)])

    assert len(found) == 3
    assert len(asked) == 4
    assert table.connection.setbacks.counts() == {"UnprocessedItems": 2}


def test_tries_end(table: Table) -> None:
    tries = table.tries("change it")
    for _ in range(HASTE.attempts):
        next(tries)

    with pytest.raises(StoreUnavailable, match="too many processes"):
        next(tries)

    assert table.connection.setbacks.counts() == {"ChangedMeanwhile": HASTE.attempts - 1}
