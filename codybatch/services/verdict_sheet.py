"""Verdicts from a sheet that others filled in: all of its lines, or none."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO

from codybatch.domain.errors import CodyBatchError, SheetRefused, UsageError
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import JobId, Person, job_id
from codybatch.services.verdicts import Verdicts

COLUMNS = ("job", "rater", "decision", "rating", "reasons", "comment", "blind")
REQUIRED = ("job", "rater", "decision")
MAX_LINES = 20_000
MAX_SHOWN = 20
"""Wrong lines that the message names; the rest are counted."""
MAX_RATER = 64
"""Characters of a name, as of a token's."""
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}


@dataclass(frozen=True)
class Taken:
    """What became of a sheet."""

    stored: int
    replaced: int
    """Of these, verdicts that stand in place of an earlier one of the same person."""
    unchanged: int
    """Lines that say what was stored already."""


@dataclass(frozen=True)
class _Line:
    number: int
    verdict: Verdict
    before: Verdict | None

    @property
    def is_news(self) -> bool:
        return self.before is None or self.before.with_(at=self.verdict.at) != self.verdict


@dataclass(frozen=True)
class VerdictSheets:
    """Use cases of sheets of verdicts."""

    verdicts: Verdicts

    def take(self, text: str, *, replace: bool = False) -> Taken:
        """Store the verdicts of a CSV sheet in the names that stand in it.

        Taking the same sheet again changes nothing, so one that could not be stored to its end is
        taken again.

        Args:
            text: with a line of ``COLUMNS`` first, in any order; reasons are separated by ``;``.
            replace: whether verdicts may stand in place of earlier ones of the same people.

        Raises:
            SheetRefused: some lines cannot be; the message names each, and nothing was stored.
        """
        lines = self._checked(_rows(text), replace=replace)
        news = [line for line in lines if line.is_news]
        for line in news:
            self.verdicts.records.put_verdict(line.verdict)
        replaced = sum(line.before is not None for line in news)
        return Taken(len(news), replaced, len(lines) - len(news))

    def _checked(
        self, rows: Iterable[tuple[int, Mapping[str, str]]], *, replace: bool
    ) -> list[_Line]:
        lines: list[_Line] = []
        wrong: list[str] = []
        seen: dict[tuple[JobId, Person], int] = {}
        for number, row in rows:
            try:
                line = self._line(number, row)
                first = seen.setdefault((line.verdict.job, line.verdict.rater), number)
                if first != number:
                    raise UsageError(f"{line.verdict.rater} judges this job in line {first}, too.")
                if line.before is not None and line.is_news and not replace:
                    raise UsageError(
                        f"{line.verdict.rater} has judged this job otherwise: "
                        f"{line.before.decision.value}. --replace puts this in its place."
                    )
                lines.append(line)
            except CodyBatchError as error:
                wrong.append(f"Line {number}: {error.message}")
        if wrong:
            rest = len(wrong) - MAX_SHOWN
            more = [f"… and {rest:,} more lines."] if rest > 0 else []
            told = "\n".join([*wrong[:MAX_SHOWN], *more])
            raise SheetRefused(f"Nothing was stored.\n{told}")
        return lines

    def _line(self, number: int, row: Mapping[str, str]) -> _Line:
        job, rater = job_id(row["job"]), _rater(row["rater"])
        verdict = self.verdicts.checked(
            *(job, rater, _decision(row["decision"])),
            rating=_rating(row.get("rating", "")),
            reasons=[part for part in row.get("reasons", "").split(";") if part.strip()],
            comment=row.get("comment", ""),
            blind=_is_blind(row.get("blind", "")),
        )
        given = self.verdicts.of(job)
        return _Line(number, verdict, next((one for one in given if one.rater == rater), None))


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The lines under the heading, each with its number in the file."""
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        _check_heading(names)
        for count, cells in enumerate(reader, 1):
            if count > MAX_LINES:
                raise SheetRefused(f"A sheet has up to {MAX_LINES:,} lines; this one has more.")
            if any(cell.strip() for cell in cells):
                if len(cells) > len(names):
                    raise SheetRefused(
                        f"Line {reader.line_num} has {len(cells)} cells under {len(names)} "
                        "headings: text with a comma stands in quotation marks."
                    )
                padded = (*(cell.strip() for cell in cells), *("" for _ in names))
                yield reader.line_num, dict(zip(names, padded, strict=False))
    except csv.Error as error:
        raise SheetRefused(f"Line {reader.line_num} is no line of a CSV file: {error}.") from None


def _check_heading(names: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if missing or unknown or len(set(names)) < len(names):
        wrong = (
            f"{', '.join(missing)} is missing" if missing else f"{', '.join(unknown)} is unknown"
        )
        told = wrong if missing or unknown else "a name stands there twice"
        raise SheetRefused(f"The first line names the columns {', '.join(COLUMNS)}: {told}.")


def _rater(written: str) -> Person:
    if not written or len(written) > MAX_RATER or not written.isprintable() or written == "*":
        raise UsageError(f"{written!r} is no rater's name: 1 to {MAX_RATER} printable characters.")
    return Person(written)


def _decision(written: str) -> Decision:
    if written.casefold() not in set(Decision):
        raise UsageError(f"A decision is accept or reject; not {written!r}.")
    return Decision(written.casefold())


def _rating(written: str) -> int | None:
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 4):
        raise UsageError(f"A rating is a number from 1 (bad) to 5 (good), not {written!r}.")
    return int(written)


def _is_blind(written: str) -> bool:
    if written.casefold() not in _YES:
        raise UsageError(f"Blind is yes or no; not {written!r}.")
    return _YES[written.casefold()]
