"""``codybatch submit``: what it prints, how it ends, and Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from codybatch.standins.anthropic.faults import Fault
from tests.cli_kit import ESCAPES, Call, run
from tests.terminal_kit import Terminal
from tests.worker.world import CLEAN, CLOCKS, UTCNOW, World, world


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    repositories = {"acme/clocks": CLOCKS, "acme/clean": CLEAN}
    with world(tmp_path_factory.mktemp("open"), repositories) as w:
        yield w


def submit(w: World, *arguments: str, prompt: str = UTCNOW) -> Call:
    return run(
        *("submit", "--prompt-file", "-", *arguments),
        environment=w.settings.as_environment(),
        stdin=prompt.encode(),
    )


def test_submitting_returns_at_once_and_the_same_key_submits_once(open_world: World) -> None:
    arguments = ("-r", "acme/clean", "--idempotency-key", "one", "--title", "Only once")

    first = submit(open_world, *arguments)
    again = submit(open_world, *arguments, "--json")
    other = submit(open_world, *arguments, "--publish", "draft")

    identity = again.json["id"]
    assert (first.status, again.status) == (0, 0)
    assert f"Submitted request: {identity} (Only once)" in first.err
    assert f"codybatch jobs wait {identity}-1" in first.err
    assert f"codybatch requests show {identity}" in first.err
    assert (other.status, "idempotency key" in other.sentence) == (2, True)


def test_what_was_written_is_what_is_recorded(open_world: World) -> None:
    done = submit(
        open_world,
        *("-r", "acme/clean@main", "--var", "what=the clocks", "--effort", "low", "--json"),
        *("--max-cost", "$3.50", "--job-cost", "none", "--max-turns", "7", "--max-minutes", "8"),
        prompt="Look at {{what}}.",
    )

    request = done.json
    options = request["options"]
    assert request["promptText"] == request["title"] == "Look at the clocks."
    assert request["repositories"] == ["acme/clean@main"]
    assert request["prompt"]["name"] == "stdin"
    assert (request["budget"]["capUsd"], options["jobCostCapUsd"]) == ("3.5", None)
    assert (options["effort"], options["maxTurns"], options["maxMinutes"]) == ("low", 7, 8)
    assert [job["state"] for job in request["jobs"]] == ["queued"]


def test_a_job_that_does_not_succeed_is_status_1_with_its_next_step(open_world: World) -> None:
    done = submit(open_world, "-r", "acme/clocks", "--job-cost", "0.0001", "--wait", "--json")

    (job,) = done.json["jobs"]
    assert done.status == 1
    assert (job["state"], job["endedBecause"]) == ("partial", "job_cost_limit")
    assert f"codybatch jobs show {job['id']}" in done.err


def test_a_rehearsal_holds_all_but_the_first_until_it_is_released(open_world: World) -> None:
    settings = open_world.settings.as_environment()
    repositories = ("-r", "acme/clean", "-r", "acme/clocks")
    held = submit(open_world, *repositories, "--rehearse", "--wait", "--json")

    assert held.status == 1
    assert [job["state"] for job in held.json["jobs"]] == ["succeeded", "waiting"]
    assert "codybatch requests release" in held.err

    released = run("requests", "release", held.json["id"], "--json", environment=settings)
    after = run("jobs", "wait", held.json["jobs"][1]["id"], "--json", environment=settings)

    assert [job["state"] for job in released.json["jobs"]] == ["succeeded", "queued"]
    assert (after.status, after.json[0]["state"]) == (0, "succeeded")


def test_a_cap_that_is_raised_lets_the_job_go_on(open_world: World) -> None:
    settings = open_world.settings.as_environment()
    stopped = submit(open_world, "-r", "acme/clean", "--max-cost", "0.001", "--wait", "--json")
    assert [job["state"] for job in stopped.json["jobs"]] == ["waiting"]
    assert "codybatch requests raise" in stopped.err

    raised = run(
        "requests", "raise", stopped.json["id"], "--max-cost", "5", "--json", environment=settings
    )
    after = run("jobs", "wait", stopped.json["jobs"][0]["id"], "--json", environment=settings)

    assert raised.json["budget"]["capUsd"] == "5"
    assert (after.status, after.json[0]["state"]) == (0, "succeeded")


def test_ctrl_c_leaves_the_jobs_running_and_says_how_to_come_back(open_world: World) -> None:
    settings = open_world.settings.as_environment()
    text = UTCNOW.encode()
    run("prompts", "save", "held", "--file", "-", environment=settings, stdin=text)
    open_world.model.faults.add(Fault(kind="hold", gate="ctrl-c"))
    terminal = Terminal(
        *("-m", "codybatch", "submit", "held", "-r", "acme/clean", "--wait"),
        columns=100,
        environment=settings,
    )
    terminal.read_until(lambda shown: "Claude is at work" in shown)
    assert open_world.model.gates.wait_until_held("ctrl-c", seconds=60)

    terminal.press_ctrl_c()

    assert terminal.finish() == 130
    shown = ESCAPES.sub("", terminal.shown)
    (come_back,) = [line for line in shown.splitlines() if "The jobs go on" in line]
    open_world.model.gates.open("ctrl-c")
    (job,) = come_back.rpartition("codybatch jobs wait ")[2].split()
    after = run("jobs", "wait", job, "--json", environment=settings)
    assert (after.status, after.json[0]["state"]) == (0, "succeeded")


def test_a_request_can_be_cancelled_while_it_runs(open_world: World) -> None:
    settings = open_world.settings.as_environment()
    open_world.model.faults.add(Fault(kind="hold", gate="cancel"))
    submitted = submit(open_world, "-r", "acme/clean", "--title", "Never mind", "--json").json
    assert open_world.model.gates.wait_until_held("cancel", seconds=60)

    run("requests", "cancel", submitted["id"], environment=settings)

    after = run("jobs", "wait", submitted["jobs"][0]["id"], "--json", environment=settings)
    open_world.model.gates.open("cancel")
    assert (after.status, after.json[0]["state"]) == (1, "cancelled")
