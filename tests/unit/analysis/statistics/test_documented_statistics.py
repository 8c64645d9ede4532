"""What docs/statistics.md says comes out, comes out."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from codybatch.analysis.statistics.acceptance import acceptance
from codybatch.analysis.statistics.answers import ALPHA, FEW, Interval
from codybatch.analysis.statistics.bootstrap import LEAST_REPOSITORIES, RESAMPLES
from codybatch.analysis.statistics.comparison import compare_acceptance
from codybatch.analysis.statistics.durkalski import durkalski
from codybatch.analysis.statistics.judge import LEAST_LABELS
from codybatch.analysis.statistics.mcnemar import PairedTable, exact
from codybatch.analysis.statistics.mean_difference import MeanDifference, mean_difference, t_test
from codybatch.analysis.statistics.passes import passes
from codybatch.analysis.statistics.power import POWER, Spread, detectable, repositories_needed
from codybatch.analysis.statistics.sides import sides, sign_test
from codybatch.analysis.statistics.sign_flip import FLIPS, least_differing, least_p, sign_flip
from codybatch.analysis.statistics.wilson import Share, wilson
from tests.comparison_kit import question
from tests.statistics_kit import A_ACCEPTED, B_ACCEPTED, DIFFERENCES, A, B, outcomes, said

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/statistics.md").read_text()
TEXT = " ".join(PAGE.split())
FOLDER = ROOT / "codybatch/analysis/statistics"


def table(heading: str) -> dict[str, str]:
    """The rows below a heading row: the first cell to the others."""
    _, _, below = PAGE.partition(heading)
    rows = below.split("\n\n")[0].strip().splitlines()[1:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {first: " | ".join(others) for first, *others in cells}


def per_cent(share: float) -> str:
    return f"{100 * share:.0f} %"


def between(interval: object, scale: float = 100, digits: int = 0, unit: str = " %") -> str:
    assert isinstance(interval, Interval)
    return f"{scale * interval.low:.{digits}f} to {scale * interval.high:.{digits}f}{unit}"


def both(attempts: int, which: str) -> str:
    rates = [said(getattr(passes(arm, attempts), which)).value for arm in (A, B)]
    return " and ".join(map(per_cent, rates))


def worked_example() -> dict[str, str]:
    a, b = said(acceptance(A)), said(acceptance(B))
    mean: MeanDifference = said(mean_difference(DIFFERENCES))
    return {
        "A's rate": per_cent(a.value),
        "its 95 % interval": between(mean.interval, 1, 3, ""),
        "the independent trials that A's 36 jobs are worth": f"{a.effective_trials:.1f}",
        "its interval if all 36 were independent: too narrow": between(
            wilson(Fraction(sum(A_ACCEPTED), 36), 36)
        ),
        "B's rate": per_cent(b.value),
        "B less A": f"{mean.value:.3f}",
        "its standard error": f"{mean.standard_error:.4f}",
        "p by flipping signs, exact": f"{said(sign_flip(DIFFERENCES)).value:.4f}",
        "p by Student's t": f"{t_test(mean).value:.4f}",
        "p by Durkalski's test": f"{said(durkalski(DIFFERENCES)).value:.4f}",
        "p by who won (7 to 1)": f"{sign_test(sides(DIFFERENCES)).value:.4f}",
        "p by McNemar's test over all 36 pairs: wrong, too small": (
            f"{exact(PairedTable(0, 1, 10, 0)).value:.4f}"
        ),
        "at least one of 3 attempts accepted, A and B": both(3, "any_of_them"),
        "all of 3 attempts accepted, A and B": both(3, "all_of_them"),
    }


def test_the_worked_example_comes_to_what_it_says() -> None:
    assert table("| what | comes to |") == worked_example()


def test_the_interval_of_a_is_as_written() -> None:
    share: Share = said(acceptance(A))

    assert (
        f"| A's rate | {per_cent(share.value)} |\n| its 95 % interval | "
        + (between(share.interval))
        in PAGE
    )


def test_the_data_and_the_sentence_are_those_of_the_example() -> None:
    compared = compare_acceptance(
        ("A", outcomes(A_ACCEPTED)), ("B", outcomes(B_ACCEPTED)), question()
    )

    assert f"A  {' '.join(map(str, A_ACCEPTED))}\nB  {' '.join(map(str, B_ACCEPTED))}\n" in PAGE
    assert f"\n> {compared.sentence}\n" in PAGE


@pytest.mark.parametrize("row", table("| repetitions of each | repositories | jobs |").items())
def test_what_is_needed_is_as_written(row: tuple[str, str]) -> None:
    needed = said(repositories_needed(0.10, Spread(0.15, 0.15, 0.03), int(row[0]))).repositories

    assert row[1] == f"{needed:,} | {needed * 2 * int(row[0]):,}"


def test_what_can_be_shown_is_as_written() -> None:
    twenty, fifty, hundred = (
        f"{100 * said(detectable(Spread(0.15, 0.15, 0.03), size, 3)):.0f}" for size in (20, 50, 100)
    )

    assert (
        f"20 repositories show a difference of {twenty} points or more, 50 one of {fifty}, and "
        f"100 one of {hundred}."
    ) in TEXT


def test_the_limits_are_those_of_the_code() -> None:
    limits = table("| when | what it means |")
    differing = least_differing(ALPHA)

    assert f"at least {differing} repositories differ" in TEXT
    assert f"is at most {ALPHA}, *and*" in TEXT
    assert f"with a chance of {100 * POWER:.0f} % by" in TEXT
    assert f"five give {least_p(5):.4f}" in limits[f"fewer than {differing} repositories differ"]
    assert "a warning says so" in limits[f"fewer than {FEW} repositories"]
    assert "no bootstrap" in limits[f"fewer than {LEAST_REPOSITORIES} repositories"]
    assert f"{RESAMPLES:,} draws" in limits["the bootstrap"]
    assert f"at least {LEAST_LABELS} things" in TEXT
    assert f"{FLIPS:,} random" in limits["many differences that are no fractions"]


def test_every_question_is_answered_by_a_file_that_is_there() -> None:
    named = re.findall(r"`(\w+\.py)`", PAGE)

    assert len(named) > 10
    assert all((FOLDER / name).is_file() for name in named)


def test_every_source_is_cited_and_every_citation_has_one() -> None:
    text, _, sources = PAGE.partition("## Sources")
    cited = {int(one) for many in re.findall(r"\[([\d, ]+)\]", text) for one in many.split(",")}

    assert cited == {int(one) for one in re.findall(r"^(\d+)\. ", sources, re.MULTILINE)}
