"""Pictures of jobs: right numbers, offline, and told to those who do not see them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from codybatch.analysis.display.sheet import MOST_BYTES
from codybatch.analysis.plots.distribution import distribution, quartiles
from codybatch.analysis.plots.picture import Picture
from codybatch.analysis.plots.scale import Scale, scale_for
from codybatch.analysis.plots.units import dollars, duration
from codybatch.analysis.workspace import Workspace
from codybatch.domain.errors import UsageError
from tests.ui_kit import SECRET, Gallery

SVG = "{http://www.w3.org/2000/svg}"


def drawn(picture: Picture) -> ET.Element:
    """The picture, once it is sound, described, and of this place alone."""
    root = ET.fromstring(picture.svg)
    named = root.attrib["aria-labelledby"].split()
    ids = {element.attrib["id"]: element.text for element in root if "id" in element.attrib}
    assert [ids[one] for one in named] == [picture.title, picture.description]
    assert root.attrib["role"] == "img"
    written = [value for element in root.iter() for value in element.attrib.values()]
    assert not any("url(" in value or "//" in value for value in written)
    assert not {element.tag for element in root.iter()} & {f"{SVG}script", f"{SVG}image", f"{SVG}a"}
    assert "<script" not in picture._repr_html_()
    assert len(picture._repr_html_().encode()) < MOST_BYTES
    return root


def test_costs_of_jobs_are_spread_by_prompt(gallery: Gallery, cb: Workspace) -> None:
    for _ in range(3):
        gallery.published()
    gallery.queued()  # has cost nothing yet, and is not counted

    picture = cb.plot.costs()

    drawn(picture)
    assert picture.rows == (("update", "3", "$0.840", "$0.840", "$0.840", "$0.840", "$0.840"),)
    assert "median $0.840 of 3" in picture.description
    assert "update" in repr(picture)


def test_a_frame_can_be_narrowed_first(gallery: Gallery, cb: Workspace) -> None:
    gallery.published("acme/api")
    gallery.published("acme/web")
    jobs = cb.jobs()

    picture = cb.plot.times(jobs[jobs.repository == "acme/web"], by="repository")

    assert [row[0] for row in picture.rows] == ["acme/web"]
    assert picture.rows[0][4] == "2.87 min"
    with pytest.raises(UsageError, match="not both"):
        cb.plot.times(jobs, state="failed")
    with pytest.raises(UsageError, match="no column 'colour'"):
        cb.plot.times(jobs, by="colour")


def test_outcomes_are_counted_by_group(gallery: Gallery, cb: Workspace) -> None:
    gallery.mixed_request()

    root = drawn(picture := cb.plot.outcomes(by=None))

    (row,) = picture.rows
    assert dict(zip(picture.headings, row, strict=True)) == {
        "Group": "all jobs",
        "succeeded": "1",
        "partial": "1",
        "failed": "1",
        "cancelled": "0",
        "waiting": "1",
        "running": "1",
        "queued": "0",
    }
    told = {title.text for title in root.iter(f"{SVG}title")}
    assert {"succeeded: 1", "failed: 1"} <= told


def test_nothing_to_show_is_said(cb: Workspace) -> None:
    for picture in (cb.plot.costs(), cb.plot.outcomes(), cb.plot.turns(by=None)):
        drawn(picture)
        assert "There are no" in picture.description


def test_what_attacks_a_picture_is_text(gallery: Gallery, cb: Workspace) -> None:
    gallery.hostile("acme/api")

    drawn(picture := cb.plot.costs(by="title"))

    assert SECRET not in picture.svg


def test_many_groups_are_left_out_and_counted() -> None:
    groups = {f"group {number}": [1.0] * (number + 1) for number in range(60)}

    picture = distribution(groups, "Title", "Values", str)

    drawn(picture)
    assert len(picture.rows) == 20
    assert picture.rows[0][0] == "group 59"
    assert "40 smaller groups are left out" in picture.description


def test_a_picture_goes_into_a_file(gallery: Gallery, cb: Workspace, tmp_path: Path) -> None:
    gallery.published()

    file = cb.plot.costs().save(tmp_path / "costs.svg")

    assert ET.parse(file).getroot().tag == f"{SVG}svg"
    assert "prefers-color-scheme" in file.read_text()


def test_quartiles_are_those_of_pandas() -> None:
    values = [0.1, 0.4, 0.9, 1.6, 2.5, 7.0]

    assert quartiles(values) == pytest.approx(tuple(pd.Series(values).quantile([0.25, 0.5, 0.75])))
    assert quartiles([3.0]) == (3.0, 3.0, 3.0)


def test_an_axis_holds_all_values_and_its_round_numbers() -> None:
    linear = scale_for([0.0, 3.0, 7.3], 100, 200)
    decades = scale_for([0.002, 1.5, 40.0], 100, 200)

    assert (linear.low, linear.high, linear.is_log) == (0.0, 7.3, False)
    assert linear.ticks() == pytest.approx([0, 2, 4, 6])
    assert [linear.place(value) for value in (0.0, 7.3, 99.0)] == [100, 200, 200]
    assert decades.is_log
    assert decades.ticks() == pytest.approx([0.01, 0.1, 1, 10])
    assert decades.place(0.002) == 100
    assert decades.bins(4)[-1] == pytest.approx(40)
    assert scale_for([0.0], 0, 1) == Scale(0.0, 1.0, 0, 1)


def test_a_single_value_has_its_place() -> None:
    drawn(picture := distribution({"one": [0.0]}, "Title", "Values", str))

    assert picture.rows == (("one", "1", "0.0", "0.0", "0.0", "0.0", "0.0"),)


@pytest.mark.parametrize(
    ("amount", "written"),
    [(0, "$0"), (0.00002, "$0.00002"), (0.01, "$0.010"), (0.5, "$0.500"), (1234.5, "$1,234.50")],
)
def test_dollars_have_the_digits_they_need(amount: float, written: str) -> None:
    assert dollars(amount) == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(0.5, "0.5 s"), (90, "90 s"), (600, "10 min"), (9000, "2.5 h")]
)
def test_times_have_the_unit_that_suits_them(seconds: float, written: str) -> None:
    assert duration(seconds) == written
