"""What is kept for a person: preferences, drafts of a request, of prompts and of an experiment,
marks of what was viewed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError

from codybatch.domain.documents import PersonDocument
from codybatch.domain.errors import StaleWrite
from codybatch.domain.experiments import Metric
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.money import Usd
from codybatch.domain.prompts import Kind, Variable
from codybatch.domain.records import JsonObject
from codybatch.ports import Clock, Records
from codybatch.services.identities import new_idempotency_key
from codybatch.services.option_choices import KeptRecord, OptionChoices

T = TypeVar("T", bound=KeptRecord)

_PREFERENCES = "preferences"
_DRAFT = "draft"
_WRITTEN = "written"
_EXPERIMENT = "written.experiment"
_SET_ASIDE = ".set-aside"
"""Ends the name under which an unreadable document stays when another takes its place."""
_TRIES = 5
"""Of a change that is read, made and written: more windows than that do not act at one moment."""
MAX_MARKS = 10_000
"""Of one job: as many as fit into a document."""


class Theme(StrEnum):
    """How the workbench looks."""

    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


class DiffView(StrEnum):
    """How a change is shown."""

    SIDE_BY_SIDE = "side-by-side"
    UNIFIED = "unified"


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write one like Europe/Zurich") from None
    return name


TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""A name of the IANA time zone database."""


class Preferences(KeptRecord):
    """How a person likes to work."""

    theme: Theme = Theme.SYSTEM
    time_zone: TimeZone | None = None
    """None: the browser's."""
    defaults: OptionChoices = OptionChoices()
    """Of a new request that is composed in the workbench."""
    table_columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The columns to show, in their order, by the table's name."""
    diff_view: DiffView = DiffView.SIDE_BY_SIDE
    ignore_whitespace: bool = False


class Draft(KeptRecord):
    """A request that is being composed: all of it may be unfinished."""

    prompt: str = ""
    """A saved one, ``name`` or ``name@3``; empty where ``text`` is written."""
    name: str = ""
    """Under which ``text`` is to be saved."""
    text: str = ""
    description: str = ""
    kind: Kind = Kind.CHANGE
    declared: tuple[Variable, ...] = ()
    """What the variables of ``text`` take."""
    answer_schema: str = ""
    """As typed: it may be no JSON yet."""
    variables: dict[str, str] = Field(default_factory=dict)
    repositories: tuple[str, ...] = ()
    title: str = ""
    options: OptionChoices = OptionChoices()
    """Also publication, rehearsal and the caps."""
    submission_key: str = ""
    """The idempotency key to submit it under, so that a double submit is one request."""


class WrittenPrompt(KeptRecord):
    """A prompt, or the next version of one, that is being written: all of it may be unfinished."""

    name: str = ""
    kind: Kind = Kind.CHANGE
    description: str = ""
    text: str = ""
    answer_schema: str = ""
    """As typed: it may be no JSON yet."""
    variables: tuple[Variable, ...] = ()


class WrittenExperiment(KeptRecord):
    """An experiment that is being set up: all of it may be unfinished."""

    name: str = ""
    question: str = ""
    prompts: tuple[str, ...] = ()
    """Saved ones with their versions, ``name@3``."""
    variables: dict[str, str] = Field(default_factory=dict)
    """Of all prompts; each takes those that it declares."""
    models: tuple[str, ...] = ()
    """Empty: the preferred one."""
    efforts: tuple[str, ...] = ()
    """An empty one is the model's own."""
    repositories: str = ""
    """As typed."""
    repetitions: int = 3
    baseline: str = ""
    """An arm's name; of no arm: the first."""
    metric: Metric = Metric.ACCEPTED
    budget_usd: Usd | None = None
    job_cap_usd: Usd | None = None
    """None: the preferred one."""
    necessary: tuple[str, ...] = ()
    """Repositories, ``owner/name``, of which it is known that changes are necessary."""
    unnecessary: tuple[str, ...] = ()


class ViewedMarks(KeptRecord):
    """Which files of a job's diff a person has viewed.

    A mark is of a path and the file's bytes in the patch: it ends when they change.
    """

    marks: tuple[str, ...] = ()
    """Digests, oldest first."""

    def has(self, path: str, blob: str) -> bool:
        """Whether this file was viewed as it is now.

        Args:
            path: of the file.
            blob: a digest of what the patch makes of it.
        """
        return _mark(path, blob) in self.marks

    def marked(self, path: str, blob: str, *, viewed: bool = True) -> ViewedMarks:
        """The same with one file viewed, or not viewed."""
        mark = _mark(path, blob)
        others = tuple(one for one in self.marks if one != mark)
        return self.with_(marks=(*others, mark)[-MAX_MARKS:] if viewed else others)


def _mark(path: str, blob: str) -> str:
    text = f"{path}\0{blob}".encode(errors="surrogateescape")
    return hashlib.sha256(text).hexdigest()[:16]


@dataclass(frozen=True)
class Kept(Generic[T]):
    """What is kept for a person, as far as it can be read."""

    value: T
    version: int = 0
    """To be named by who changes it; 0 where nothing is kept."""
    unreadable: tuple[str, ...] = ()
    """The parts that cannot be read and have their defaults in ``value``; ``.`` for all of it. What
    was kept is set aside when something else is kept in its place."""


@dataclass(frozen=True)
class Personal:
    """Use cases of what is kept for a person.

    Each ``keep_…`` takes the version that was read, or None to overwrite whatever is kept, and
    raises StaleWrite where somebody (another window of the same person) changed it since, and
    DocumentTooLarge.
    """

    records: Records
    clock: Clock

    def preferences(self, person: Person) -> Kept[Preferences]:
        """How a person likes to work; the defaults where nothing is kept."""
        return self._read(person, _PREFERENCES, Preferences)

    def keep_preferences(
        self, person: Person, preferences: Preferences, version: int | None
    ) -> Kept[Preferences]:
        """Keep a person's preferences."""
        return self._keep(person, _PREFERENCES, preferences, version)

    def prefer(self, person: Person, **changes: object) -> Preferences:
        """Change some of a person's preferences, whatever another window changes meanwhile."""
        return self._change(person, _PREFERENCES, Preferences, lambda kept: kept.with_(**changes))

    def draft(self, person: Person) -> Kept[Draft]:
        """The request that a person is composing; an empty one where there is none."""
        return self._read(person, _DRAFT, Draft)

    def keep_draft(self, person: Person, draft: Draft, version: int | None) -> Kept[Draft]:
        """Keep the request that a person is composing; the first time it gets its key."""
        if not draft.submission_key:
            draft = draft.with_(submission_key=new_idempotency_key(self.clock.now()))
        return self._keep(person, _DRAFT, draft, version)

    def discard_draft(self, person: Person) -> bool:
        """Forget the draft: it was submitted, or given up. False where there was none."""
        return self.records.forget_person_document(person, _DRAFT)

    def written_prompt(self, person: Person, name: str) -> WrittenPrompt | None:
        """What a person has written of a prompt's next version (of a new prompt where ``name`` is
        empty) and not saved.
        """
        kept = self._read(person, _written(name), WrittenPrompt)
        return kept.value if kept.version else None

    def keep_written_prompt(self, person: Person, name: str, written: WrittenPrompt) -> None:
        """Keep it, in place of what was kept before.

        Raises:
            DocumentTooLarge: it has too much text.
        """
        self._keep(person, _written(name), written, version=None)

    def forget_written_prompt(self, person: Person, name: str) -> bool:
        """Forget it: it was saved, or given up. False where there was none."""
        return self.records.forget_person_document(person, _written(name))

    def written_experiment(self, person: Person) -> WrittenExperiment:
        """The experiment that a person is setting up; an empty one where there is none."""
        return self._read(person, _EXPERIMENT, WrittenExperiment).value

    def keep_written_experiment(self, person: Person, written: WrittenExperiment) -> None:
        """Keep it, in place of what was kept before.

        Raises:
            DocumentTooLarge: it has too much text.
        """
        self._keep(person, _EXPERIMENT, written, version=None)

    def forget_written_experiment(self, person: Person) -> bool:
        """Forget it: it was begun, or given up. False where there was none."""
        return self.records.forget_person_document(person, _EXPERIMENT)

    def viewed(self, person: Person, job: JobId) -> Kept[ViewedMarks]:
        """What a person has viewed of a job's diff."""
        return self._read(person, _viewed(job), ViewedMarks)

    def mark_viewed(
        self, person: Person, job: JobId, path: str, blob: str, *, viewed: bool = True
    ) -> ViewedMarks:
        """Note that a person has viewed a file of a job's diff, or takes that back."""
        return self._change(
            person,
            _viewed(job),
            ViewedMarks,
            lambda marks: marks.marked(path, blob, viewed=viewed),
        )

    def _change(self, person: Person, name: str, kind: type[T], change: Callable[[T], T]) -> T:
        """Read, change and keep, again where somebody else did so meanwhile."""
        for _ in range(_TRIES):
            found = self._read(person, name, kind)
            with suppress(StaleWrite):
                return self._keep(person, name, change(found.value), found.version).value
        raise StaleWrite

    def _read(self, person: Person, name: str, kind: type[T]) -> Kept[T]:
        stored = self.records.person_document(person, name)
        if stored is None:
            return Kept(kind())
        value, unreadable = _salvaged(kind, stored.content)
        return Kept(value, stored.version, unreadable)

    def _keep(self, person: Person, name: str, value: T, version: int | None) -> Kept[T]:
        self._set_aside_unreadable(person, name, type(value))
        document = PersonDocument(
            person=person, name=name, content=value.to_json(), version=version or 0
        )
        stored = self.records.put_person_document(document, overwrite=version is None)
        return Kept(value, stored.version)

    def _set_aside_unreadable(self, person: Person, name: str, kind: type[T]) -> None:
        stored = self.records.person_document(person, name)
        if stored is not None and _salvaged(kind, stored.content)[1]:
            aside = stored.with_(name=name + _SET_ASIDE)
            self.records.put_person_document(aside, overwrite=True)


def _written(name: str) -> str:
    return f"{_WRITTEN}.prompt.{name}" if name else f"{_WRITTEN}.new-prompt"


def _viewed(job: JobId) -> str:
    return f"viewed.{job}"


def _salvaged(kind: type[T], content: str) -> tuple[T, tuple[str, ...]]:
    """What can be read of a document, and the names of the parts that cannot."""
    try:
        return kind.model_validate_json(content), ()
    except ValidationError as error:
        places = [problem["loc"] for problem in error.errors()]
    try:
        fields = _AnyObject.model_validate_json(content).model_extra or {}
        damaged = {_named_part(fields, place) for place in places}
        for path in damaged:
            _drop(fields, path)
        return kind.model_validate(fields), tuple(sorted(map(".".join, damaged)))
    except ValidationError:
        return kind(), (".",)


def _named_part(fields: JsonObject, place: tuple[int | str, ...]) -> tuple[str, ...]:
    """The innermost part around ``place`` that has a name of its own in ``fields``."""
    path: list[str] = []
    inside: object = fields
    for part in map(str, place):
        if not isinstance(inside, dict) or part not in inside:
            break
        path.append(part)
        inside = inside[part]
    return tuple(path)


def _drop(fields: JsonObject, path: tuple[str, ...]) -> None:
    for part in path[:-1]:
        fields = fields[part]
    fields.pop(path[-1])


class _AnyObject(KeptRecord):
    """Any JSON object."""
