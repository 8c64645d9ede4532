"""What the widgets say, as a draft; a widget that is not on the page changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from codybatch.domain.prompts import VariableType
from codybatch.ui.compose.draft import ChosenRepository, Draft, WrittenOptions, WrittenVariable

Said = Mapping[str, Any]
"""The values of widgets by their names; None is an empty one."""

_LATEST = 0
_TEXTS = frozenset({"title", "model"})
_CAPS = frozenset({"request_cap_usd", "job_cap_usd"})
_CHOICES = frozenset({"effort", "existing"})
"""The first choice of these is none, which widgets write as an empty text."""
_LISTS = frozenset({"labels", "reviewers", "assignees"})
_NEVER_EMPTY = frozenset({"max_turns", "max_minutes", "publish"})


def read(said: Said, draft: Draft) -> Draft:
    """The draft with what the widgets say in place of what it held."""
    prompt = said["prompt"] or "" if "prompt" in said else draft.prompt
    return draft.with_(
        source=said.get("source") or draft.source,
        prompt=prompt,
        version=_version(said, draft, prompt),
        text=_text(said, "text", draft.text),
        name=_text(said, "name", draft.name),
        kind=said.get("kind") or draft.kind,
        answer_schema=_text(said, "schema", draft.answer_schema),
        types=_types(said, draft.types),
        values=_values(said, draft.values),
        repositories=tuple(_with_ref(said, one) for one in draft.repositories),
        options=_options(said, draft.options),
    )


def written_number(number: float) -> str:
    """A number as a variable takes it: without an exponent, and whole where it is whole."""
    if number == int(number):
        return str(int(number))
    return format(number, "f").rstrip("0")


def _text(said: Said, name: str, before: str) -> str:
    return str(said[name] or "") if name in said else before


def _version(said: Said, draft: Draft, prompt: str) -> int | None:
    before = draft.version if prompt == draft.prompt else None
    return said.get(f"version-{prompt}", before or _LATEST) or None


def _types(said: Said, before: tuple[WrittenVariable, ...]) -> tuple[WrittenVariable, ...]:
    types = {one.name: one for one in before}
    for key, value in said.items():
        if key.startswith("type-"):
            name = key.removeprefix("type-")
            types[name] = types.get(name, WrittenVariable(name=name)).with_(
                type=value or VariableType.TEXT
            )
    for key, value in said.items():
        if key.startswith("choices-") and (name := key.removeprefix("choices-")) in types:
            types[name] = types[name].with_(choices=tuple(value))
    return tuple(types.values())


def _values(said: Said, before: Mapping[str, str]) -> dict[str, str]:
    """Keys of values are ``value-TYPE-NAME``."""
    values = dict(before)
    for key, value in said.items():
        if key.startswith("value-"):
            name = key.split("-")[2]
            values[name] = written_number(value) if isinstance(value, float) else value or ""
    return values


def _with_ref(said: Said, one: ChosenRepository) -> ChosenRepository:
    """With the ref that its row says; what was known of it holds for the one before."""
    ref = one.repository.ref
    written = said.get(f"ref-{one.name}", ref)
    wanted = (written or "").strip() or None
    if wanted == ref:
        return one
    return ChosenRepository(repository=one.repository.with_(ref=wanted))


def _options(said: Said, before: WrittenOptions) -> WrittenOptions:
    found: dict[str, Any] = {}
    for name in WrittenOptions.model_fields:
        key = f"option-{name}"
        if key in said:
            found[name] = _option(name, said[key], getattr(before, name))
    return before.with_(**found)


def _option(name: str, value: Any, before: Any) -> Any:
    if name in _TEXTS:
        return value or ""
    if name in _CAPS:
        return None if value is None else Decimal(str(value))
    if name in _CHOICES:
        return value or None
    if name in _LISTS:
        return tuple(dict.fromkeys(value))
    if name in _NEVER_EMPTY and value is None:
        return before
    return value
