from __future__ import annotations

import pytest

from codybatch.standins.experiment import RATERS, Opinion, Rater, Work
from codybatch.standins.experiment.prompts import SPELLED_OUT
from codybatch.standins.experiment.references import reference_patch

REPOSITORY = "demo-org/weather-client"
RIGHT = reference_patch(REPOSITORY)
NOTES = b"diff --git a/NOTES.md b/NOTES.md\n--- /dev/null\n+++ b/NOTES.md\n@@ -0,0 +1 @@\n+Done.\n"
ONE_FILE_LESS = RIGHT[RIGHT.index(b"diff --git", 1) :]
LOCAL = RIGHT.replace(b"now(timezone.utc)", b"now()")
STRICT = Rater("script-strict", forgives_needless_files=False, errs=0)
LENIENT = Rater("script-lenient", forgives_needless_files=True, errs=0)


def work(patch: bytes, claim: bool | None = True, reference: bytes = RIGHT, n: int = 1) -> Work:
    return Work(REPOSITORY, n, patch, claim, reference)


@pytest.mark.parametrize(
    ("patch", "claim", "reference", "strict", "lenient"),
    [
        (RIGHT, True, RIGHT, True, True),
        (RIGHT, False, RIGHT, False, False),
        (RIGHT, None, RIGHT, False, False),
        (RIGHT + NOTES, True, RIGHT, False, True),
        (ONE_FILE_LESS, True, RIGHT, False, False),
        (LOCAL, True, RIGHT, False, False),
        (b"", False, RIGHT, False, False),
        (b"", False, b"", True, True),
        (b"", True, b"", False, False),
        (NOTES, True, b"", False, True),
    ],
)
def test_each_rater_accepts_what_its_rule_lets_pass(
    patch: bytes, claim: bool | None, reference: bytes, strict: bool, lenient: bool
) -> None:
    seen = work(patch, claim, reference)

    assert STRICT.judge(seen).accepts is strict
    assert LENIENT.judge(seen).accepts is lenient


def test_a_worse_patch_is_rated_lower_and_the_comment_says_why() -> None:
    best, noted, worst = (
        STRICT.judge(one) for one in (work(RIGHT), work(RIGHT + NOTES), work(b""))
    )

    assert best == Opinion(
        accepts=True, rating=5, comment="A script compared it with the reference: as it should be."
    )
    assert best.rating > noted.rating > worst.rating >= 1
    assert "files that need no change: 1" in noted.comment
    assert "lines that are missing" in worst.comment


def test_the_raters_are_called_what_they_are_and_see_no_prompt() -> None:
    assert len({rater.name for rater in RATERS}) == len(RATERS) >= 2
    assert all(rater.name.startswith("script-") for rater in RATERS)
    assert SPELLED_OUT not in repr(work(RIGHT))


def test_two_raters_differ_about_as_often_as_both_err() -> None:
    same_taste = [Rater(name, True, errs=0.1) for name in ("script-one", "script-two")]
    seen = [work(RIGHT, n=number) for number in range(2_000)]
    differ = [len({rater.judge(one).accepts for rater in same_taste}) > 1 for one in seen]

    assert sum(differ) / len(differ) == pytest.approx(2 * 0.1 * 0.9, abs=0.03)


def test_the_same_work_is_judged_the_same_again() -> None:
    for rater in RATERS:
        seen = [work(RIGHT, n=number) for number in range(100)]
        assert [rater.judge(one) for one in seen] == [rater.judge(one) for one in seen]
