"""Every record: the same after the wire, camelCase on it, strict about names and time zones."""

from __future__ import annotations

import importlib
import json
import pkgutil
import types
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, ValidationError

import codybatch.domain
from codybatch.domain.documents import DocumentName
from codybatch.domain.events import Event, EventKind
from codybatch.domain.experiments import Arm, Experiment, ExperimentRepository
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.records import Record
from codybatch.domain.requests import Assignee, Label, Reviewer
from codybatch.domain.schedules import Schedule

for _module in pkgutil.iter_modules(codybatch.domain.__path__):
    importlib.import_module(f"codybatch.domain.{_module.name}")
importlib.import_module("codybatch.agent.task")
importlib.import_module("codybatch.agent.turn_log")


def every_record(of: type[Record] = Record) -> Iterator[type[Record]]:
    for child in of.__subclasses__():
        if child.__module__.startswith(
            ("codybatch.domain.", "codybatch.agent.task", "codybatch.agent.turn_log")
        ):
            yield child
            yield from every_record(child)


EVERY_RECORD = sorted(set(every_record()), key=lambda each: each.__name__)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)
FIRST_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone
ZONES = [UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-8))]
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=12),
    bool: st.booleans(),
    bytes: st.binary(max_size=12),
    float: st.floats(0, 1e9, allow_nan=False),
    Decimal: st.decimals(0, 10**6, places=9),
    datetime: st.datetimes(
        FIRST_DAY,
        FIRST_DAY + timedelta(days=36_525),
        timezones=st.sampled_from(ZONES),
    ),
    date: st.dates(),
    Any: json_values,
    type(None): st.none(),
}
PLAIN[AwareDatetime] = PLAIN[datetime]
PROMPT_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True),
    "template": st.text(max_size=20).map(lambda text: "Do this: " + text),
}
NAMES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
NAMED = (Schedule, Arm, Experiment)
LOGINS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,10}", fullmatch=True)
TEAMS = st.from_regex(r"[A-Za-z0-9-]{1,8}/[a-z0-9][a-z0-9_.-]{0,8}", fullmatch=True)
BOTS = LOGINS.map(lambda login: f"{login}[bot]")
SHAPES: dict[Any, st.SearchStrategy[Any]] = {
    Label: st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=50),
    Assignee: LOGINS | BOTS,
    DocumentName: st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,10}[a-z0-9])?", fullmatch=True),
    Reviewer: LOGINS | BOTS | TEAMS.filter(lambda team: team[0] != "-"),
}
"""Of fields that take not every text."""


def values_of(annotation: Any, whole: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """Values that fit an annotation; ``whole`` are the integers its field accepts."""
    if annotation is int:
        return whole
    if annotation in SHAPES:
        return SHAPES[annotation]
    if annotation in PLAIN:
        return PLAIN[annotation]
    if isinstance(annotation, NewType):
        return values_of(annotation.__supertype__, whole)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return st.sampled_from(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return records(annotation)
    return values_of_generic(get_origin(annotation), get_args(annotation), whole)


def values_of_generic(
    origin: Any, arguments: tuple[Any, ...], whole: st.SearchStrategy[int]
) -> st.SearchStrategy[Any]:
    if origin in {Union, types.UnionType}:
        return st.one_of(*(values_of(each, whole) for each in arguments))
    if origin is dict:
        key, value = (values_of(each, whole) for each in arguments)
        return st.dictionaries(key, value, max_size=2)
    if origin in {tuple, list}:
        return st.lists(values_of(arguments[0], whole), min_size=1, max_size=2).map(origin)
    return values_of(arguments[0], whole)  # Annotated[T, ...]


def whole_numbers(field: Any) -> st.SearchStrategy[int]:
    bounds = {type(each).__name__: each for each in field.metadata}
    low = bounds["Ge"].ge if "Ge" in bounds else 0
    high = bounds["Le"].le if "Le" in bounds else max(low, 10**6)
    return st.integers(low, high)


@cache
def records(kind: type[Record]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind, include_extras=True)
    fields = {
        name: values_of(hints[name], whole_numbers(field))
        for name, field in kind.model_fields.items()
    }
    if issubclass(kind, PromptDraft):
        fields |= PROMPT_FIELDS
    if issubclass(kind, NAMED):
        fields |= {"name": NAMES}
    if issubclass(kind, Experiment):
        return experiments(fields).map(lambda values: kind(**values))
    return st.fixed_dictionaries(fields).map(lambda values: kind(**values))


def experiments(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Arms and repositories differ from each other, and the baseline is one of the arms."""
    apart = (lambda arm: arm.name.casefold(), lambda arm: arm.key)
    arms = st.lists(records(Arm), min_size=1, max_size=2, unique_by=apart)
    repositories = st.lists(
        records(ExperimentRepository),
        min_size=1,
        max_size=2,
        unique_by=lambda one: one.repository_id,
    )
    drawn = st.fixed_dictionaries(fields | {"arms": arms, "repositories": repositories})
    return drawn.map(lambda values: {**values, "baseline": values["arms"][-1].name})


def names_in(wire: Any, kind: type[Record]) -> Iterator[str]:
    yield from wire
    for name, field in kind.model_fields.items():
        value = wire[field.alias or name]
        for child in value if isinstance(value, list) else [value]:
            for nested in nested_records(get_type_hints(kind)[name]):
                if isinstance(child, dict):
                    yield from names_in(child, nested)


def nested_records(annotation: Any) -> list[type[Record]]:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return [annotation]
    return [found for each in get_args(annotation) for found in nested_records(each)]


def test_the_walk_finds_the_records() -> None:
    assert Job in EVERY_RECORD
    assert len(EVERY_RECORD) > 35


@pytest.mark.parametrize("kind", EVERY_RECORD)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_record_is_the_same_after_the_wire(kind: type[Record], data: st.DataObject) -> None:
    record = data.draw(records(kind))
    assert kind.model_validate_json(record.to_json()) == record
    assert record.with_() == record


@pytest.mark.parametrize("kind", EVERY_RECORD)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_names_on_the_wire_are_camel_case(kind: type[Record], data: st.DataObject) -> None:
    names = set(names_in(json.loads(data.draw(records(kind)).to_json()), kind))
    assert not [name for name in names if "_" in name or not name[:1].islower()]


@pytest.mark.parametrize("kind", EVERY_RECORD)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_name_that_a_record_does_not_have_is_refused(
    kind: type[Record], data: st.DataObject
) -> None:
    wire = json.loads(data.draw(records(kind)).to_json())
    with pytest.raises(ValidationError, match="extra_forbidden"):
        kind.model_validate({**wire, "notAField": 1})


@pytest.mark.parametrize("kind", EVERY_RECORD)
@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_record_is_frozen(kind: type[Record], data: st.DataObject) -> None:
    record = data.draw(records(kind))
    name = next(iter(kind.model_fields))
    with pytest.raises(ValidationError, match="frozen_instance"):
        setattr(record, name, getattr(record, name))


def moments_of(kind: type[Record]) -> list[str]:
    wanted = datetime, AwareDatetime
    return [
        name
        for name, hint in get_type_hints(kind).items()
        if name in kind.model_fields and (hint in wanted or set(get_args(hint)) & set(wanted))
    ]


WITH_MOMENTS = [(kind, name) for kind in EVERY_RECORD for name in moments_of(kind)]


def test_the_walk_finds_the_moments() -> None:
    assert (Job, "created_at") in WITH_MOMENTS
    assert (Job, "ended_at") in WITH_MOMENTS


@pytest.mark.parametrize(("kind", "name"), WITH_MOMENTS)
@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_time_without_a_zone_is_refused(
    kind: type[Record], name: str, data: st.DataObject
) -> None:
    record = data.draw(records(kind))
    with pytest.raises(ValidationError, match="timezone_aware"):
        record.with_(**{name: datetime(2026, 11, 2, 12)})  # noqa: DTZ001


def test_moments_are_kept_in_utc() -> None:
    noon_in_berlin = datetime(2026, 11, 2, 12, tzinfo=timezone(timedelta(hours=1)))
    event = Event(at=noon_in_berlin, kind=EventKind.TURN, text="x")
    assert event.at.tzinfo is UTC
    assert event.at.hour == 11
    assert json.loads(event.to_json())["at"] == "2026-11-02T11:00:00Z"


def test_the_field_everybody_asks_for_has_its_name_on_the_wire() -> None:
    assert Job.model_fields["were_changes_necessary"].alias == "wereChangesNecessary"


def test_a_copy_is_validated_like_a_new_record() -> None:
    event = Event(at=datetime(2026, 11, 2, tzinfo=UTC), kind=EventKind.TURN, text="x")
    assert event.with_(text="y").text == "y"
    assert event.text == "x"
    with pytest.raises(ValidationError):
        event.with_(kind="no such kind")
    with pytest.raises(ValidationError, match="extra_forbidden"):
        event.with_(txt="y")
