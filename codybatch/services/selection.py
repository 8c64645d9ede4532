"""Choosing repositories: candidates of some sources, filtered, with a reason for each left out."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from codybatch.domain.errors import (
    CodeHostThrottled,
    InvalidRepository,
    InvalidSelection,
    NoAllowList,
)
from codybatch.domain.repositories import GITHUB, AllowList, RepositoryFacts, RepositoryRef
from codybatch.domain.selection import (
    Filters,
    LeftOut,
    LeftOutBecause,
    Selection,
    Source,
    SourceKind,
    not_allowed,
    why_left_out,
)
from codybatch.ports import Candidates, Clock, CodeHost, CodeHostFactory, Unusable

STDIN = "-"
MAX_FILE_BYTES = 1 << 20
"""Of a file of names: tens of thousands of them."""
_MOST_FAULTS = 3
"""Lines of a file that one error names."""
_ENCODINGS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"))
_COMMENT = re.compile(r"(?:^|\s)#.*")
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*(kb|mb|gb)?", re.IGNORECASE)
_KILOBYTES = {"kb": 1, "mb": 1024, "gb": 1024 * 1024}


_EVERYTHING = Filters(archived=True, forks=True)
_IN_SHORT: dict[LeftOutBecause, str] = {
    LeftOutBecause.NOT_ALLOWED: "not allowed",
    LeftOutBecause.LANGUAGE: "in another language",
    LeftOutBecause.SIZE: "of another size",
    LeftOutBecause.NOT_PUSHED_SINCE: "without a push since",
    LeftOutBecause.ARCHIVED: "archived",
    LeftOutBecause.FORK: "forked",
    LeftOutBecause.OWNED: "owned",
    LeftOutBecause.NOT_OWNED: "not owned",
    LeftOutBecause.EMPTY: "empty",
    LeftOutBecause.UNUSABLE: "unusable",
    LeftOutBecause.NAMED_TWICE: "named twice",
}


@dataclass(frozen=True)
class Selections:
    """Use cases of choosing repositories."""

    code_host: CodeHostFactory
    allowed: AllowList
    clock: Clock
    is_patient: bool = True
    """Whether short pauses that the code host asks for are waited out; else CodeHostThrottled."""

    def select(
        self,
        sources: Sequence[Source],
        filters: Filters,
        limit: int,
        tell: Callable[[str], None] | None = None,
    ) -> Selection:
        """The repositories of the sources, in their order and each once, that may be worked on and
        pass the filters; and of every other, why not.

        Args:
            sources: where to look.
            filters: what to keep.
            limit: how many to look at, of each source, at most.
            tell: told in a sentence where the code host asks for a pause.

        Raises:
            InvalidSelection: there is no source, or nothing can pass the filters.
            NoAllowList: no repository is allowed.
            CodeHostError, PolicyError: a source could not be asked; see ``CodeHost.candidates``.
        """
        if not sources:
            raise InvalidSelection("Say where to look: name repositories, or an organisation.")
        filters.check()
        if not self.allowed.patterns:
            raise NoAllowList
        sieve = _Sieve(filters, self.allowed)
        host = self._patient(tell)
        for source in sources:
            sieve.take(source, self._candidates(host, sieve.permitted(source), limit))
        return sieve.selection()

    def look_up(
        self, names: Sequence[RepositoryRef], tell: Callable[[str], None] | None = None
    ) -> tuple[RepositoryFacts | LeftOut, ...]:
        """What is known of each, in this order, or why a request could not work on it.

        Raises:
            NoAllowList: no repository is allowed.
            CodeHostError, PolicyError: the code host could not be asked.
        """
        if not self.allowed.patterns:
            raise NoAllowList
        refused = {name: not_allowed(name, self.allowed) for name in names}
        asked = [name for name in names if refused[name] is None]
        answers = iter(self._patient(tell).look_up(asked) if asked else ())
        return tuple(refused[name] or self._judged(name, next(answers)) for name in names)

    def _judged(
        self, name: RepositoryRef, answer: RepositoryFacts | Unusable
    ) -> RepositoryFacts | LeftOut:
        if isinstance(answer, RepositoryFacts):
            return why_left_out(answer, _EVERYTHING, self.allowed) or answer
        because, detail = LeftOutBecause.UNUSABLE, str(answer.error)
        return LeftOut(repository=name, because=because, detail=detail)

    def _patient(self, tell: Callable[[str], None] | None) -> CodeHost:
        def wait(seconds: float, why: str) -> None:
            if not self.is_patient:
                raise CodeHostThrottled(why, until=self.clock.now() + timedelta(seconds=seconds))
            if tell is not None:
                tell(why)
            self.clock.sleep(seconds)

        return self.code_host().waiting(wait)

    def _candidates(self, host: CodeHost, source: Source, limit: int) -> Candidates:
        if source.kind is SourceKind.NAMES and not source.names:
            return Candidates(())
        return host.candidates(source, limit)


@dataclass
class _Sieve:
    """What came through so far, what did not, and what was seen."""

    filters: Filters
    allowed: AllowList
    chosen: list[RepositoryFacts] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """Ids of what the code host said something of, and names of the rest."""

    def permitted(self, source: Source) -> Source:
        """A source whose names are allowed and stand there once; nobody is asked of the others."""
        names: dict[str, RepositoryRef] = {}
        for name in source.names:
            refused = not_allowed(name, self.allowed)
            if name.full_name.lower() in names:
                self.left_out.append(_named_twice(name, names[name.full_name.lower()]))
            elif refused is not None and self._is_new(name.full_name):
                self.left_out.append(refused)
            elif refused is None:
                names[name.full_name.lower()] = name
        return source.with_(names=tuple(names.values()))

    def take(self, source: Source, candidates: Candidates) -> None:
        """Sort a source's candidates."""
        is_named = source.kind is SourceKind.NAMES
        mine: dict[str, RepositoryRef] = {}
        for candidate in candidates.found:
            if isinstance(candidate, Unusable):
                self._leave_out(candidate)
            elif self._is_new(candidate.id, str(candidate.repository)):
                self._sort(candidate)
            elif is_named and candidate.id in mine:
                self.left_out.append(_named_twice(candidate.repository, mine[candidate.id]))
            if isinstance(candidate, RepositoryFacts):
                mine.setdefault(candidate.id, candidate.repository)
        if candidates.incomplete:
            self.incomplete.append(candidates.incomplete)

    def selection(self) -> Selection:
        """What came of it."""
        return Selection(
            chosen=tuple(self.chosen),
            left_out=tuple(self.left_out),
            looked_at=len(self.chosen) + len(self.left_out),
            incomplete=" ".join(dict.fromkeys(self.incomplete)),
        )

    def _sort(self, facts: RepositoryFacts) -> None:
        found = why_left_out(facts, self.filters, self.allowed)
        if found is None:
            self.chosen.append(facts)
        else:
            self.left_out.append(found)

    def _leave_out(self, candidate: Unusable) -> None:
        repository = candidate.repository
        if self._is_new(str(repository)):
            left_out = not_allowed(repository, self.allowed) or LeftOut(
                repository=repository,
                because=LeftOutBecause.UNUSABLE,
                detail=str(candidate.error),
            )
            self.left_out.append(left_out)

    def _is_new(self, key: str, *other_keys: str) -> bool:
        is_new = self.seen.isdisjoint({it.lower() for it in (key, *other_keys)})
        self.seen.add(key.lower())
        return is_new


def _named_twice(repository: RepositoryRef, first: RepositoryRef) -> LeftOut:
    detail = f"It is named twice; {first} stands before it, and a request works on it once."
    return LeftOut(repository=repository, because=LeftOutBecause.NAMED_TWICE, detail=detail)


def repositories_from_file(path: Path, host: str = GITHUB) -> tuple[RepositoryRef, ...]:
    """The repositories that a file names: one a line, ``#`` begins a comment.

    Args:
        path: the file; ``-`` reads standard input.
        host: the code host whose addresses are taken; see ``RepositoryRef.parse``.

    Raises:
        InvalidSelection: it cannot be read, is too large, is no text or names none.
        InvalidRepository: a line holds something else; the message names the lines.
    """
    named = "standard input" if str(path) == STDIN else str(path)
    try:
        if str(path) == STDIN:
            data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InvalidSelection(
            f"The repositories cannot be read from {named}: {why}. Give a text file with "
            "owner/name on each line, or - for standard input."
        ) from None
    if len(data) > MAX_FILE_BYTES:
        raise InvalidSelection(
            f"{named} is larger than {MAX_FILE_BYTES:,} bytes, the most that a list of "
            "repositories may have. Split it."
        )
    return _named_in(_text_of(data, named).splitlines(), named, host)


def repositories_in(text: str, host: str = GITHUB) -> tuple[RepositoryRef, ...]:
    """The repositories that a pasted text names: one a line, or with commas or blanks between.

    Raises:
        InvalidSelection: it names none.
        InvalidRepository: something in it is no repository; the message says what.
    """
    if len(text) > MAX_FILE_BYTES:
        raise InvalidSelection(f"The list is longer than {MAX_FILE_BYTES:,} characters. Split it.")
    lines = (_COMMENT.sub("", line) for line in text.splitlines())
    named = [word for line in lines for word in re.split(r"[\s,;]+", line) if word]
    found, faults = [], []
    for word in named:
        try:
            found.append(RepositoryRef.parse(word, host))
        except InvalidRepository as error:
            faults.append(error.message)
    if faults:
        more = len(faults) - _MOST_FAULTS
        rest = [f"{more:,} more are wrong."] if more > 0 else []
        raise InvalidRepository(" ".join([*faults[:_MOST_FAULTS], *rest]))
    if not found:
        raise InvalidSelection("No repository is named: write owner/name on each line.")
    return tuple(found)


def _text_of(data: bytes, named: str) -> str:
    mark, encoding = next((it for it in _ENCODINGS if data.startswith(it[0])), (b"", "utf-8"))
    body = data.removeprefix(mark)
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise InvalidSelection(
            f"{named}, line {line}: this is not UTF-8 text. Save it as UTF-8."
        ) from None


def _named_in(lines: Iterable[str], named: str, host: str) -> tuple[RepositoryRef, ...]:
    found: list[RepositoryRef] = []
    faults: list[str] = []
    for number, line in enumerate(lines, start=1):
        written = _COMMENT.sub("", line).strip()
        try:
            if written:
                found.append(RepositoryRef.parse(written, host))
        except InvalidRepository as error:
            faults.append(f"{named}, line {number}: {error.message}")
    if faults:
        more = len(faults) - _MOST_FAULTS
        rest = [f"{more:,} more lines are wrong."] if more > 0 else []
        raise InvalidRepository(" ".join([*faults[:_MOST_FAULTS], *rest]))
    if not found:
        raise InvalidSelection(f"{named} names no repository: write owner/name on each line.")
    return tuple(found)


def kilobytes(written: str) -> int:
    """A size as a person writes it, in kilobytes: ``500``, ``500KB``, ``10MB`` or ``1.5GB``.

    Raises:
        InvalidSelection: it is no size.
    """
    found = _SIZE.fullmatch(written.strip())
    if not found:
        raise InvalidSelection(f"{written!r} is no size: write 500 (kilobytes), 10MB or 1.5GB.")
    return round(float(found[1]) * _KILOBYTES[(found[2] or "kb").lower()])


def counted_reasons(left_out: Iterable[LeftOut]) -> Iterator[tuple[LeftOutBecause, int]]:
    """How many were left out for which reason, the most frequent first."""
    counts: dict[LeftOutBecause, int] = {}
    for one in left_out:
        counts[one.because] = counts.get(one.because, 0) + 1
    yield from sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def left_out_in_short(left_out: Sequence[LeftOut]) -> str:
    """How many were left out for which reason: ``3 left out: 2 not allowed, 1 archived``."""
    reasons = ", ".join(
        f"{count} {_IN_SHORT[because]}" for because, count in counted_reasons(left_out)
    )
    return f"{len(left_out)} left out: {reasons}" if reasons else "none left out"
