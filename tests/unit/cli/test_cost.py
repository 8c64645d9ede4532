"""``codybatch jobs cost``: what a job's cost is made of."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.cli_kit import call
from tests.ui_kit import Gallery
from tests.unit.cli.conftest import Finished


def test_the_turns_come_to_what_the_job_cost(finished: Finished) -> None:
    job = finished.job("acme/clocks")

    found = finished.call("jobs", "cost", job["id"], "--json").json

    turns = found["charges"]
    assert [turn["turn"] for turn in turns] == list(range(1, len(turns) + 1))
    assert {turn["fate"] for turn in turns} == {"appended"}
    assert sum(Decimal(turn["costUsd"]) for turn in turns) == Decimal(job["costUsd"])
    assert turns[-1]["totalUsd"] == found["costUsd"] == job["costUsd"]
    assert found["usage"] == job["usage"]
    assert found["uncertainUsd"] == "0"


def test_people_get_a_line_a_turn_and_a_sum_by_its_price_table(finished: Finished) -> None:
    job = finished.job("acme/clocks")["id"]
    found = finished.call("jobs", "cost", job, "--json").json

    *rows, total = finished.call("jobs", "cost", job).text.splitlines()

    assert len(rows) == len(found["charges"])
    number, *_, cost, running, fate = rows[0].split("\t")
    assert (number, cost, fate) == ("1", running, "appended")
    assert total.startswith(f"{rows[-1].split(chr(9))[6]} by {found['priceTable']} (")


def test_a_job_that_asked_nothing_says_so(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    job = gallery.queued()
    gallery.close()

    said = call("jobs", "cost", job.id, environment={"CODYBATCH_HOME": str(tmp_path)})

    assert said.text.startswith("Nothing yet")
