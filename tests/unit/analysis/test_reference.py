"""The page on notebooks names every column, and every frame is what it says there."""

from __future__ import annotations

from pathlib import Path

import pytest

from codybatch.analysis.reference import FRAMES, OF_RESULTS
from codybatch.analysis.workspace import Workspace
from tests.report_kit import the_oracle_as_experiment
from tests.ui_kit import Gallery

PAGE = Path(__file__).parents[3] / "docs/notebooks.md"


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.name)
def test_a_frame_has_the_columns_that_the_page_names(frame: object, cb: Workspace) -> None:
    name = getattr(frame, "name")  # noqa: B009
    section = PAGE.read_text().partition(f"### `{name}()`")[2].partition("### ")[0]
    named = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]

    assert named == list(getattr(cb, name)().columns)
    assert len(named) > 8


def test_frames_of_results_have_the_columns_that_the_page_names(
    gallery: Gallery, cb: Workspace
) -> None:
    the_oracle_as_experiment(gallery)
    shown = cb.experiment("Do hints help?")
    compared = shown.compare()

    made = (shown.arms, compared.frame, compared.regressions())
    for frame, filled in zip(OF_RESULTS, made, strict=True):
        section = PAGE.read_text().partition(f"### `{frame.name}`")[2].partition("### ")[0]
        named = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
        assert named == list(filled.columns)


def test_every_column_says_what_it_is_and_money_its_unit() -> None:
    for frame in (*FRAMES, *OF_RESULTS):
        names = [column.name for column in frame.columns]
        assert len(names) == len(set(names))
        for column in frame.columns:
            assert column.meaning.endswith("."), column.name
            if "dollar" in column.meaning:
                assert column.name.endswith("_usd"), column.name
