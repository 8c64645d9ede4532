"""Which of two prompts is better, from files to the report: by command, as a user would do it.

Twelve repositories, five repetitions, real jobs on the stand-ins; the model's work is as good as
its prompt. Two scripts judge every job blind. What the report says is worked out again from their
sheets by other means: scipy's and statsmodels' intervals, and all signs flipped by hand.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW  # type: ignore[import-untyped]

from codybatch.cli.demonstrated_experiment import run_experiment, sheet_of
from codybatch.domain.repositories import AllowList
from codybatch.standins.demonstration import DemonstrationModel
from codybatch.standins.experiment import NAME, REPOSITORIES, write_files
from codybatch.standins.experiment.files import BUDGET_USD, REPETITIONS
from codybatch.standins.experiment.prompts import OTHER_WORDS, SHORT, SPELLED_OUT
from codybatch.standins.repositories import materialise
from tests.cli_kit import Call, call
from tests.notebooks.render import EXPERIMENT, executed, page_of
from tests.worker.world import World, world

pytestmark = pytest.mark.timeout(
    1500
)  # 180 jobs: four minutes, where nothing else wants the machine

TO_NINE_PLACES = 1e-9


@dataclass(frozen=True)
class Bench:
    """A world with the sample repositories, and a folder with the experiment's files."""

    world: World
    folder: Path

    def call(self, *arguments: str) -> Call:
        """Run one command here; it must end well."""
        done = call(*arguments, environment=self.world.settings.as_environment())
        assert done.status == 0, done.err
        return done

    def judged(self) -> Path:
        """The sheet of the scripted raters, taken in by command."""
        app = self.world.app
        standing = app.experiments.standing(app.experiments.find(NAME))
        sheet = self.folder / f"verdicts-{len(standing.arms)}.csv"
        sheet.write_text(sheet_of(standing.cells, app.jobs.patch))
        self.call("verdicts", "import", str(sheet))
        return sheet

    def report(self, name: str) -> dict[str, bytes]:
        """The files of a report that was written by command."""
        self.call("experiments", "report", NAME, "--output", str(self.folder / name))
        return {file.name: file.read_bytes() for file in sorted((self.folder / name).iterdir())}


@dataclass(frozen=True)
class Independent:
    """What two arms come to, worked out from the sheet alone."""

    effect: float
    interval: tuple[float, float]
    p: float


def rates_in(sheet: Path, cells: list[Any], arm: str) -> dict[str, float]:
    """By repository: the part of an arm's repetitions that more raters accept than reject."""
    balance: dict[str, int] = defaultdict(int)
    for row in csv.DictReader(sheet.read_text().splitlines()):
        balance[row["job"]] += 1 if row["decision"] == "accept" else -1
    accepted: dict[str, list[bool]] = defaultdict(list)
    for cell in cells:
        if cell["arm"] == arm:
            accepted[cell["repository"]].append(balance[cell["job"]] > 0)
    return {name: sum(found) / len(found) for name, found in accepted.items()}


def compared(a: Mapping[str, float], b: Mapping[str, float]) -> Independent:
    """B against A: the mean difference over repositories, Student's interval, all signs flipped."""
    assert a.keys() == b.keys()
    assert len(a) == len(REPOSITORIES)
    differences = np.array([b[name] - a[name] for name in a])
    low, high = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert DescrStatsW(differences).tconfint_mean(0.05) == pytest.approx((low, high))
    fifths = [round(one * REPETITIONS) for one in differences]
    sums = [
        abs(sum(sign * one for sign, one in zip(signs, fifths, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(fifths))
    ]
    p = sum(one >= abs(sum(fifths)) for one in sums) / len(sums)
    return Independent(float(differences.mean()), (float(low), float(high)), p)


def test_the_better_prompt_is_named_with_its_interval_and_one_as_good_is_not(
    tmp_path: Path,
) -> None:
    allowed = AllowList.parse("demo-org/*,upstream/*")
    model = DemonstrationModel(wavers=True)
    with world(tmp_path / "world", {}, model, allowed_repositories=allowed) as w:
        materialise(w.github)
        bench = Bench(w, tmp_path)
        two_prompts_run_on_every_repository_five_times(bench)
        the_report_names_the_better_one(bench)
        a_third_is_added_and_only_its_cells_are_run(bench)
        the_report_shows_no_difference_to_the_third(bench)
        the_same_records_give_the_same_report(bench)
        the_demonstration_finds_it_finished(bench)
        the_notebook_comes_to_the_same(bench)


def two_prompts_run_on_every_repository_five_times(bench: Bench) -> None:
    file = write_files(bench.folder / "files")
    for name in (SHORT, SPELLED_OUT, OTHER_WORDS):
        bench.call("prompts", "save", name, "--file", str(file.parent / "prompts" / f"{name}.md"))
    file = write_files(bench.folder / "files", (SHORT, SPELLED_OUT))
    planned = bench.call("experiments", "run", "--file", str(file), "--dry-run", "--json").json
    assert (planned["cells"], planned["existing"]) == (2 * 12 * 5, 0)

    done = bench.call("experiments", "run", "--file", str(file), "--json").json

    assert done["counts"]["done"] == done["counts"]["total"] == 2 * 12 * 5
    assert 0 < Decimal(done["costUsd"]) <= BUDGET_USD
    assert {one["repository"] for one in done["repositories"]} == set(REPOSITORIES)
    assert len({cell["job"] for cell in done["cells"]}) == 2 * 12 * 5


def cells_of(bench: Bench) -> list[Any]:
    shown = bench.call("experiments", "show", NAME, "--json").json
    cells: list[Any] = shown["cells"]
    return cells


def the_report_names_the_better_one(bench: Bench) -> None:
    sheet, cells = bench.judged(), cells_of(bench)
    written = bench.report("first")
    report = json.loads(written["report.json"])
    short, spelled_out = f"{SHORT}@1", f"{SPELLED_OUT}@1"

    assert report["upshot"]["winner"] == spelled_out
    (against,) = report["againstBaseline"]
    effect = against["comparisons"][0]["effect"]
    own = compared(rates_in(sheet, cells, short), rates_in(sheet, cells, spelled_out))
    assert effect["value"] == pytest.approx(own.effect, abs=TO_NINE_PLACES)
    low_high = (effect["interval"]["low"], effect["interval"]["high"])
    assert low_high == pytest.approx(own.interval, abs=TO_NINE_PLACES)
    assert effect["p"]["value"] == pytest.approx(own.p, abs=TO_NINE_PLACES)
    assert own.interval[0] > 0
    assert own.p < 0.05
    points = [round(100 * one) for one in (own.effect, *own.interval)]
    sentence = (
        f"{spelled_out} was accepted {points[0]} points more often than {short}, "
        f"95 % interval {points[1]} to {points[2]}"
    )
    assert sentence in written["report.md"].decode()
    assert sentence in written["index.html"].decode()
    assert report["raters"]["blind"] == report["raters"]["verdicts"] == 2 * 2 * 12 * 5
    assert report["raters"]["raters"] == ["script-lenient", "script-strict"]
    assert 0 < report["raters"]["pairs"][0]["decisions"]["agreement"] < 1


def a_third_is_added_and_only_its_cells_are_run(bench: Bench) -> None:
    before = {cell["job"] for cell in cells_of(bench)}

    bench.call("experiments", "add", NAME, OTHER_WORDS)
    bench.call("experiments", "baseline", NAME, f"{SPELLED_OUT}@1")
    done = bench.call("experiments", "watch", NAME, "--json").json

    jobs = {cell["job"] for cell in done["cells"]}
    assert before < jobs
    assert len(jobs - before) == 12 * 5
    assert Decimal(done["costUsd"]) <= BUDGET_USD


def the_report_shows_no_difference_to_the_third(bench: Bench) -> None:
    sheet, cells = bench.judged(), cells_of(bench)
    report = json.loads(bench.report("second")["report.json"])
    spelled_out, other = f"{SPELLED_OUT}@1", f"{OTHER_WORDS}@1"

    (against,) = (one for one in report["againstBaseline"] if one["arm"] == other)
    comparison = against["comparisons"][0]
    own = compared(rates_in(sheet, cells, spelled_out), rates_in(sheet, cells, other))
    low_high = (comparison["effect"]["interval"]["low"], comparison["effect"]["interval"]["high"])
    assert low_high == pytest.approx(own.interval, abs=TO_NINE_PLACES)
    assert own.interval[0] < 0 < own.interval[1]
    assert comparison["conclusion"] == "no difference shown"
    assert any(
        one.startswith(f"No difference shown: {other}") for one in report["upshot"]["reasons"]
    )
    (worse,) = (one for one in report["againstBaseline"] if one["arm"] == f"{SHORT}@1")
    assert worse["comparisons"][0]["conclusion"] == "A is better"


def the_same_records_give_the_same_report(bench: Bench) -> None:
    once, again = bench.report("second"), bench.report("third")

    assert once == again
    assert {"index.html", "report.json", "report.md", "cells.csv", "cells.parquet"} <= once.keys()


def the_demonstration_finds_it_finished(bench: Bench) -> None:
    jobs = {cell["job"] for cell in cells_of(bench)}

    name, upshots = run_experiment(bench.world.app)

    assert name == NAME
    assert len(upshots) == 1
    assert "No difference shown" in " ".join(upshots[0].reasons)
    assert {cell["job"] for cell in cells_of(bench)} == jobs


def the_notebook_comes_to_the_same(bench: Bench) -> None:
    jobs = {cell["job"] for cell in cells_of(bench)}
    settings = bench.world.settings

    found = executed(EXPERIMENT, settings.home, **settings.as_environment())

    page, pictures = page_of(found, EXPERIMENT.stem)
    short, spelled_out, other = (f"{name}@1" for name in (SHORT, SPELLED_OUT, OTHER_WORDS))
    assert re.search(rf"{spelled_out} was accepted \d+ points more often than {short}", page)
    assert f"No difference shown: {other}" in page
    assert "4 cells; 4 to make" in page
    assert len(pictures) >= 2
    assert {"index.html", "report.json"} <= {
        file.name for file in (settings.home / "report").iterdir()
    }
    assert len(page.encode()) < 400_000
    assert {cell["job"] for cell in cells_of(bench)} == jobs, "nothing is paid for twice"
