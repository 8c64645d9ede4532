"""Pictures of arms beside each other: every value has its place, and words for who sees none."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from codybatch.analysis.plots.strips import MOST_DOTS, strips
from codybatch.analysis.plots.trade_off import Point, trade_off
from codybatch.analysis.plots.units import dollars

SVG = "{http://www.w3.org/2000/svg}"


def percent(share: float) -> str:
    return f"{share:.0%}"


def test_every_value_is_a_dot_of_its_row() -> None:
    picture = strips({"a": [1.0, 2.0, 3.0], "b": [5.0]}, "Cost", "US dollars", dollars)

    root = ET.fromstring(picture.svg)
    dots = [one.attrib["d"].count("M") for one in root.iter(f"{SVG}path")]
    assert dots == [3, 1]
    assert picture.rows[0] == ("a", "3", "$1.00", "$1.50", "$2.00", "$2.50", "$3.00")
    assert "a: median $2.00, $1.00 to $3.00" in picture.description


def test_of_many_values_some_are_drawn_and_the_ends_always() -> None:
    values = [float(n) for n in range(5_000)]

    picture = strips({"a": values}, "Cost", "US dollars", dollars)

    (path,) = ET.fromstring(picture.svg).iter(f"{SVG}path")
    assert path.attrib["d"].count("M") == MOST_DOTS
    assert path.attrib["d"].startswith("M170 ")
    assert "M590 " in path.attrib["d"]


@pytest.mark.parametrize("groups", [{}, {"a": []}])
def test_nothing_is_said_to_be_nothing(groups: dict[str, list[float]]) -> None:
    assert "no values" in strips(groups, "Cost", "US dollars", dollars).description
    empty = trade_off([], "Cost", ("Cost", "Accepted"), (dollars, percent))
    assert "nothing to show" in empty.description


def test_who_is_both_dearer_and_worse_is_beaten() -> None:
    points = [
        Point("cheap", 0.10, 0.40, 0.3, 0.5),
        Point("good", 0.30, 0.80, None, None),
        Point("beaten", 0.40, 0.60, 0.5, 0.7),
    ]

    picture = trade_off(points, "Cost", ("Cost", "Accepted"), (dollars, percent))

    assert {row[0]: row[3] for row in picture.rows} == {
        "cheap": "yes",
        "good": "yes",
        "beaten": "no",
    }
    assert picture.description.endswith("No other is both cheaper and better: cheap, good.")


def test_names_of_points_at_one_height_stand_apart() -> None:
    points = [Point(f"arm {n}", 0.1 + n / 100, 0.0, None, None) for n in range(12)]

    picture = trade_off(points, "Cost", ("Cost", "Accepted"), (dollars, percent))

    named = [one for one in ET.fromstring(picture.svg).iter(f"{SVG}text") if one.text in
             {point.name for point in points}]  # fmt: skip
    places = sorted(float(one.attrib["y"]) for one in named)
    assert len(places) == 12
    assert all(after - before >= 13.9 for before, after in pairwise(places))
    assert places[-1] <= 330
