from __future__ import annotations

import re
from decimal import Decimal

from tests.unit.cli.conftest import Finished

ASKED = ("estimate", "utcnow", "-r", "acme/clocks", "-r", "acme/clean")
NEW = ("estimate", "--prompt-file", "-", "-r", "acme/clocks")


def test_an_estimate_is_a_range_for_each_repository_and_in_sum(finished: Finished) -> None:
    found = finished.call(*NEW, "-r", "acme/clean", "--json", stdin=b"Do it.").json

    for one in (found, *found["repositories"]):
        low, likely, high = (Decimal(one[name]) for name in ("lowUsd", "likelyUsd", "highUsd"))
        assert 0 < low < likely < high
    summed = sum(Decimal(one["likelyUsd"]) for one in found["repositories"])
    assert Decimal(found["likelyUsd"]) == summed
    assert [one["repository"] for one in found["repositories"]] == ["acme/clocks", "acme/clean"]


def test_it_rests_on_earlier_jobs_of_the_prompt_where_there_are_enough(finished: Finished) -> None:
    prompt = finished.request["prompt"]["name"]
    same = finished.call("estimate", prompt, "-r", "acme/clocks", "--json").json
    other = finished.call(*NEW, "--json", stdin=b"Do it.").json
    audit = finished.call(*NEW, "--kind", "audit", "--json", stdin=b"Find it.").json

    assert (same["basis"], same["samples"]) == ("prompt", 3)
    assert (other["basis"], other["samples"]) == ("kind", 3)
    assert (audit["basis"], audit["samples"]) == ("prior", 0)
    assert Decimal(same["likelyUsd"]) < Decimal(audit["likelyUsd"])


def test_nothing_is_run_and_nothing_is_stored(finished: Finished) -> None:
    before = len(finished.world.model.exchanges)
    stored = finished.call("requests", "list", "--json").out
    prompts = finished.call("prompts", "list", "--json").out

    assert finished.call(*NEW, stdin=b"Something nobody ever asked.").status == 0

    asked = [one.path for one in finished.world.model.exchanges[before:]]
    assert not [path for path in asked if path.endswith("/messages")]
    assert finished.call("requests", "list", "--json").out == stored
    assert finished.call("prompts", "list", "--json").out == prompts


def test_people_read_what_it_rests_on_and_the_caps(finished: Finished) -> None:
    done = finished.call(*NEW, "--max-cost", "5", "--job-cost", "0.01", stdin=b"Do it.")

    assert done.status == 0, done.err
    assert "earlier jobs of this kind with this model" in done.text
    assert "A job stops at        $0.01" in done.text
    assert "The request waits at  $5.00" in done.text
    assert "Left of today's cap   $49" in done.text
    assert "would probably stop at the job's cap of $0.01" in done.err


def test_caps_that_may_be_met_are_told(finished: Finished) -> None:
    tight = finished.call(*NEW, "--max-cost", "0.001", "--json", stdin=b"Do it.").json
    spent = finished.call(
        *(*NEW, "--json"), stdin=b"Do it.", CODYBATCH_DAILY_COST_CAP_USD="0.001"
    ).json

    assert any("the request's cap" in notice for notice in tight["notices"])
    assert any("wait for tomorrow" in notice for notice in spent["notices"])
    assert spent["dayLeftUsd"] == "0"


def test_no_value_passes_the_cap_at_which_a_job_stops(finished: Finished) -> None:
    found = finished.call(*NEW, "--job-cost", "0.002", "--json", stdin=b"Do it.").json

    assert Decimal(found["highUsd"]) <= Decimal("0.002")


def test_what_submit_would_refuse_is_refused_alike(finished: Finished) -> None:
    for arguments in (
        ("-r", "elsewhere/repository"),
        ("-r", "acme/does-not-exist"),
        ("-r", "acme/clocks", "--model", "claude-nobody-knows"),
    ):
        refused = finished.call("estimate", "--prompt-file", "-", *arguments, stdin=b"Do it.")
        submitted = finished.call("submit", "--prompt-file", "-", *arguments, stdin=b"Do it.")
        assert refused.status == submitted.status != 0
        numbers = (re.sub("[0-9]+", "N", one.sentence) for one in (refused, submitted))
        assert next(numbers) == next(numbers)


def test_a_submission_says_its_estimate_and_keeps_it(finished: Finished) -> None:
    assert "Estimate: about $" in finished.submitted.err
    assert finished.request["estimate"]["basis"] == "prior"
    likely = Decimal(finished.request["estimate"]["likelyUsd"])
    shown = finished.call("requests", "show", finished.request["id"]).text
    assert f"estimated at about ${likely:.2f}" in shown


def test_the_demonstration_has_nobody_to_ask(finished: Finished) -> None:
    done = finished.call("--demo", *ASKED)

    assert done.status == 3
    assert "--demo only looks" in done.sentence
