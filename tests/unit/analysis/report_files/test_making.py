"""The files of a report: the same bytes for the same facts, whoever makes them and when."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from codybatch.analysis.report_files.cells_table import CELLS
from codybatch.analysis.report_files.making import (
    MOST_PATCH,
    NAMES,
    Format,
    Writing,
    formats_of,
    make_files,
    read_patches,
)
from tests.report_files_kit import PatchShelf, a_job_with, a_patch, everyday, written_from
from tests.report_kit import ACCEPT, REJECT, a_material, an_arm, as_they_are, judged

ROOT = Path(__file__).parents[4]
ELSEWHERE = """
import hashlib, json
from codybatch.analysis.report_files.making import Writing, make_files
from tests.report_files_kit import PatchShelf, everyday, written_from
from tests.report_kit import as_they_are
shelf = PatchShelf()
report = written_from(everyday(shelf), shelf)
made = make_files(report, as_they_are, shelf.read, Writing())
print(json.dumps({name: hashlib.sha256(content).hexdigest() for name, content in made.items()}))
"""


def made(writing: Writing | None = None) -> dict[str, bytes]:
    shelf = PatchShelf()
    report = written_from(everyday(shelf), shelf)
    return make_files(report, as_they_are, shelf.read, writing or Writing())


def digests(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return made()


def test_made_again_the_bytes_are_the_same(files: dict[str, bytes]) -> None:
    assert digests(made()) == digests(files)


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4000", "TZ": "America/St_Johns", "LC_ALL": "de_DE.UTF-8"},
    ],
)
def test_another_process_in_another_place_makes_the_same_bytes(
    files: dict[str, bytes], surroundings: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        cwd=ROOT,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )

    assert json.loads(done.stdout) == digests(files)


def test_all_formats_are_made_unless_some_are_named(files: dict[str, bytes]) -> None:
    assert set(files) == set(NAMES.values())
    assert set(made(Writing((Format.CSV, Format.MARKDOWN)))) == {"cells.csv", "report.md"}
    assert formats_of([]) == tuple(Format)
    assert formats_of(["json,html", "md"]) == (Format.HTML, Format.MARKDOWN, Format.JSON)
    with pytest.raises(ValueError, match="docx"):
        formats_of(["docx"])


def test_the_page_names_the_files_beside_it() -> None:
    page = made(Writing((Format.HTML, Format.JSON)))["index.html"].decode()

    assert "Beside this page: report.json." in page


def test_cells_are_the_same_in_every_table(files: dict[str, bytes]) -> None:
    of_csv = pd.read_csv(BytesIO(files["cells.csv"]))
    of_parquet = pd.read_parquet(BytesIO(files["cells.parquet"]))

    assert list(of_csv) == list(of_parquet) == [one.name for one in CELLS.columns]
    assert len(of_csv) == len(of_parquet) == 3 * 12 * 3
    accepted = of_parquet[of_parquet.outcome == "accepted"].groupby("arm").size()
    assert accepted.to_dict() == {"plain": 16, "hints": 25, "plain again": 16}
    assert of_csv.cost_usd.sum() == pytest.approx(of_parquet.cost_usd.sum())
    assert str(of_parquet.dtypes["cost_usd"]) == "float64"
    assert of_parquet.were_changes_necessary.dtype == pd.BooleanDtype()


def test_the_json_holds_everything_under_names_of_the_wire(files: dict[str, bytes]) -> None:
    told = json.loads(files["report.json"])

    assert told["format"] == "codybatch-report-1"
    assert told["upshot"]["winner"] == "hints"
    effect = told["againstBaseline"][0]["comparisons"][0]["effect"]
    assert effect["value"] == pytest.approx(0.25)
    assert told["setup"]["contentHash"] in files["index.html"].decode()
    assert told["arms"][0]["hits"] == {"cannotBeSaid": told["arms"][0]["hits"]["cannotBeSaid"]}
    assert files["report.json"].isascii()


def test_the_markdown_has_the_answer_the_matrix_and_the_patches(files: dict[str, bytes]) -> None:
    text = files["report.md"].decode()

    assert text.startswith("# Time limits for requests\n")
    assert "**Better: hints: hints is better than plain.**" in text
    assert "| acme/r010 | ✓ ✓ ✕ | ✓ ✕ ✕ (regressed) |" in text
    assert "+response = requests.get(url, timeout=" in text


def test_markdown_of_others_stays_text() -> None:
    shelf = PatchShelf()
    text = "**x** [a](http://evil.example) | <img src=x>\n# Heading\n````\n"
    bad, good = (a_job_with(shelf, "acme/api", a_patch("a.py", ["`" * 9], [text])) for _ in "ab")
    material = a_material(
        an_arm("a", {"acme/api": [judged(good, ACCEPT)]}, text=text),
        an_arm("b", {"acme/api": [judged(bad, REJECT, comment=text)]}, text=f"{text}!"),
        title=text,
    )
    report = written_from(material, shelf)

    files = make_files(report, as_they_are, shelf.read, Writing((Format.MARKDOWN,)))

    outside = []
    fence = ""
    for line in files["report.md"].decode().split("\n"):
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if fence and line == fence:
            fence = ""
        elif not fence and len(ticks) >= 3:
            fence = ticks
        elif not fence:
            outside.append(line)
    assert not fence
    written = "\n".join(outside)
    assert "[a](" not in written.replace("\\[a\\](", "")
    assert "<img" not in written.replace("\\<img", "")
    assert "\n# Heading" not in written


def test_patches_are_read_of_disagreements_alone_and_large_ones_not() -> None:
    shelf = PatchShelf()
    large = a_patch("a.py", ["x"], ["y" * MOST_PATCH])
    bad, good = a_job_with(shelf, "acme/api", large), a_job_with(shelf, "acme/api", b"")
    same = [a_job_with(shelf, "acme/web", b"diff") for _ in range(2)]
    material = a_material(
        an_arm("a", {"acme/api": [judged(good, ACCEPT)], "acme/web": [judged(same[0], ACCEPT)]}),
        an_arm("b", {"acme/api": [judged(bad, REJECT)], "acme/web": [judged(same[1], ACCEPT)]}),
    )
    report = written_from(material, shelf)

    found = read_patches(report, shelf.read)

    assert set(found) == {bad.id, good.id}
    assert "too large to be shown" in str(found[bad.id])
