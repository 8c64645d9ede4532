"""A sheet of verdicts is taken whole or not at all, and each wrong line is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.errors import SheetRefused
from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import JobId
from codybatch.ports import Records
from codybatch.services.verdict_sheet import Taken, VerdictSheets
from codybatch.services.verdicts import Verdicts
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import ALICE, BOB, NOON, minutes, running, settled
from tests.unit.services.publishing import SteadyClock

HEAD = "job,rater,decision,rating,reasons,comment\n"


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = EmbeddedStore(tmp_path)
    yield store.records
    store.close()


@pytest.fixture
def sheets(records: Records) -> VerdictSheets:
    reasons = ("wrong", "too large")
    return VerdictSheets(Verdicts(records, SteadyClock(), lambda _: reasons, str.strip))


@pytest.fixture
def jobs(records: Records) -> tuple[JobId, JobId]:
    first, second = (running(records, at=NOON + minutes(number)) for number in (0, 1))
    return settled(records, first).id, settled(records, second).id


def test_every_line_becomes_its_raters_verdict(
    records: Records, sheets: VerdictSheets, jobs: tuple[JobId, JobId]
) -> None:
    one, two = jobs
    text = (
        "\ufeffRater,Job,Decision,Comment,Rating,Reasons,Blind\r\n"
        f'alice,{one.upper()},Accept,"good, and\r\nshort",5,,yes\r\n'
        "\r\n"
        f"bob,{one},reject,,,Wrong; too  large,no\r\n"
        f"Zoë Müller,{two},reject\r\n"
    )

    assert sheets.take(text) == Taken(stored=3, replaced=0, unchanged=0)

    first, second = records.verdicts(one)
    assert (first.rater, first.decision, first.rating, first.blind) == (
        ALICE,
        Decision.ACCEPT,
        5,
        True,
    )
    assert first.comment == "good, and\r\nshort"
    assert (second.rater, second.reasons, second.blind) == (BOB, ("wrong", "too large"), False)
    (third,) = records.verdicts(two)
    assert (third.rater, third.rating, third.reasons) == ("Zoë Müller", None, ())


def test_the_same_sheet_once_more_changes_nothing(
    sheets: VerdictSheets, jobs: tuple[JobId, JobId]
) -> None:
    text = f"{HEAD}{jobs[0]},alice,accept,3,wrong,Hm\n"
    sheets.take(text)

    assert sheets.take(text) == Taken(stored=0, replaced=0, unchanged=1)


def test_an_earlier_verdict_is_replaced_only_where_that_is_asked_for(
    records: Records, sheets: VerdictSheets, jobs: tuple[JobId, JobId]
) -> None:
    sheets.take(f"{HEAD}{jobs[0]},alice,accept,3,,\n")
    otherwise = f"{HEAD}{jobs[0]},alice,reject,,,\n"

    with pytest.raises(SheetRefused, match="Line 2: alice has judged this job otherwise: accept"):
        sheets.take(otherwise)

    assert sheets.take(otherwise, replace=True) == Taken(stored=1, replaced=1, unchanged=0)
    assert records.verdicts(jobs[0])[0].decision is Decision.REJECT


def test_all_wrong_lines_are_named_and_the_right_ones_wait_for_them(
    records: Records, sheets: VerdictSheets, jobs: tuple[JobId, JobId]
) -> None:
    at_work = running(records, at=NOON + minutes(9)).id
    one, two = jobs
    lines = [
        f"{one},alice,accept,3,,",
        f"{one},alice,reject,,,",
        "nonsense,alice,accept,,,",
        f"{'0' * 26}-1,alice,accept,,,",
        f"{at_work},alice,accept,,,",
        f"{two},,accept,,,",
        f"{two},*,accept,,,",
        f"{two},bob,maybe,,,",
        f"{two},bob,accept,six,,",
        f"{two},bob,accept,6,,",
        f"{two},bob,accept,,ugly,",
        f"{two},bob,accept,,,{'x' * 10_001}",
    ]

    with pytest.raises(SheetRefused) as refused:
        sheets.take(HEAD + "\n".join(lines))

    said = refused.value.message.splitlines()
    assert said[0] == "Nothing was stored."
    parts = (
        *("judges this job in line 2", "not the id of a job", f"{'0' * 26}-1", "has not ended"),
        *("no rater's name", "no rater's name", "accept or reject; not 'maybe'", "not 'six'"),
        *("not 6", "'ugly' is none of the reasons", "10,001"),
    )
    for number, (line, part) in enumerate(zip(said[1:], parts, strict=True), 3):
        assert line.startswith(f"Line {number}: ")
        assert part in line
    assert records.verdicts(one) == records.verdicts(two) == ()


def test_of_very_many_wrong_lines_the_first_are_named(
    sheets: VerdictSheets,
) -> None:
    with pytest.raises(SheetRefused, match=r"Line 21: [^\n]*\n… and 30 more lines"):
        sheets.take(HEAD + "x,alice,accept,,,\n" * 50)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "job, rater, decision is missing"),
        ("job,rater\n", "decision is missing"),
        ("job,rater,decision,mood\n", "mood is unknown"),
        ("job,rater,decision,job\n", "stands there twice"),
        (HEAD + "a,b,accept,,,no, really\n", "Line 2 has 7 cells under 6 headings"),
        (HEAD + 'a,b,accept,,,"open\n', "no line of a CSV file"),
    ],
)
def test_what_is_no_sheet_is_refused(sheets: VerdictSheets, text: str, said: str) -> None:
    with pytest.raises(SheetRefused, match=said):
        sheets.take(text)


def test_a_sheet_with_a_heading_alone_is_no_mistake(sheets: VerdictSheets) -> None:
    assert sheets.take(HEAD) == Taken(0, 0, 0)
