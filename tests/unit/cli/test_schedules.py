"""``codybatch schedules``: added, looked at, paused, ticked by processes, and removed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.schedules import Schedule
from tests.cli_kit import Call, call, run
from tests.terminal_kit import Terminal
from tests.worker.world import CLEAN, UTCNOW, World, world

NIGHTLY = ("--rule", "0 2 * * *", "--time-zone", "Europe/Berlin")


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with world(folder, {"acme/clean": CLEAN, "acme/other": CLEAN}) as opened:
        prompt = folder / "utcnow.md"
        prompt.write_text(UTCNOW)
        saved = schedules(opened, "prompts", "save", "utcnow", "--file", str(prompt), group="")
        assert saved.status == 0, saved.err
        yield opened


@pytest.fixture(autouse=True)
def no_schedules(w: World) -> Iterator[None]:
    yield
    for schedule in w.app.schedules.list():
        w.app.schedules.remove(schedule.id)


def schedules(w: World, *arguments: str, group: str = "schedules") -> Call:
    """Run a command in this process."""
    words = (group, *arguments) if group else arguments
    return call(*words, environment=w.settings.as_environment())


def in_process(w: World, *arguments: str) -> Call:
    """Run a command as a process of its own."""
    return run("schedules", *arguments, environment=w.settings.as_environment())


def added(w: World, *arguments: str) -> Any:
    """The JSON of a new schedule over one repository."""
    done = schedules(w, "add", "utcnow", "-r", "acme/clean", *NIGHTLY, *arguments, "--json")
    assert done.status == 0, done.err
    return done.json


def due(w: World, *arguments: str) -> Schedule:
    """A schedule that has been due for a minute, and no other test's dispatcher to look at it."""
    w.app.local_engine.stop()
    kept = w.app.schedules.find(added(w, *arguments)["id"])
    past = w.app.clock.now() - timedelta(minutes=1)
    return w.app.store.records.put_schedule(kept.with_(due_at=past))


def test_a_list_without_schedules_says_how_to_add_one(w: World) -> None:
    assert "codybatch schedules add PROMPT" in schedules(w, "list").text
    assert schedules(w, "list", "--json").json == []


def test_an_added_schedule_is_shown_in_words_with_its_next_runs(w: World) -> None:
    done = schedules(
        w,
        *("add", "utcnow", "-r", "acme/clean", "--name", "Every night"),
        *NIGHTLY,
        "--max-cost",
        "3",
    )

    assert done.status == 0, done.err
    assert "Every day at 02:00, Europe/Berlin (0 2 * * *)" in done.text
    assert done.text.count(" 02:00 CE") == 5
    assert "utcnow, the latest version" in done.text
    assert "at most $3.00 a run" in done.text
    assert "codybatch up" in done.err
    assert schedules(w, "show", "every NIGHT").text == done.text
    assert "Every night" in schedules(w, "list").text


def test_as_json_it_has_the_names_of_the_wire(w: World) -> None:
    kept = added(w, "--overlap", "replace", "--missed", "run-once", "--publish", "draft")

    assert kept["rule"]["timeZone"] == "Europe/Berlin"
    assert (kept["overlap"], kept["missed"], kept["runs"]) == ("replace", "run-once", [])
    assert kept["template"]["options"]["existingPullRequest"] == "skip"
    assert len(kept["nextRuns"]) == 5
    assert kept["ruleInWords"] == "Every day at 02:00, Europe/Berlin"
    (listed,) = schedules(w, "list", "--json").json
    assert listed["id"] == kept["id"]


def test_a_changed_schedule_keeps_what_it_submits(w: World) -> None:
    kept = added(w)

    done = schedules(
        w, "change", "utcnow", "--rule", "30 9 * * MON-FRI", "--name", "Weekdays", "--json"
    )

    assert done.status == 0, done.err
    assert done.json["template"] == kept["template"]
    assert done.json["ruleInWords"] == "Every weekday at 09:30, Europe/Berlin"
    assert (done.json["id"], done.json["name"]) == (kept["id"], "Weekdays")
    assert done.json["dueAt"] != kept["dueAt"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say what to change: --rule"),
        (("--rule", "whenever"), "Write five fields as in cron"),
        (("--overlap", "queue"), "--overlap takes skip, allow or replace"),
    ],
)
def test_a_change_that_cannot_be_made_leaves_a_schedule_as_it_is(
    w: World, arguments: tuple[str, ...], said: str
) -> None:
    kept = added(w)

    refused = schedules(w, "change", kept["id"], *arguments)

    assert refused.status == 2
    assert said in refused.sentence
    assert schedules(w, "show", kept["id"], "--json").json == kept


def test_a_paused_schedule_has_no_next_run_until_it_is_resumed(w: World) -> None:
    kept = added(w)

    assert schedules(w, "pause", "utcnow", "--json").json["dueAt"] is None
    assert "paused" in schedules(w, "show", kept["id"]).text
    assert schedules(w, "resume", "utcnow", "--json").json["dueAt"] == kept["dueAt"]


def test_a_removed_schedule_is_gone(w: World) -> None:
    added(w)

    assert "Removed the schedule utcnow" in schedules(w, "remove", "utcnow").text

    gone = schedules(w, "show", "utcnow")
    assert gone.status == 2
    assert "codybatch schedules list" in gone.sentence


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--rule", "whenever"), 2, "Write five fields as in cron"),
        (("--time-zone", "Europe/Berlim"), 2, "did you mean Europe/Berlin?"),
        (("--overlap", "queue"), 2, "--overlap takes skip, allow or replace"),
        (("--missed", "all"), 2, "--missed takes skip or run-once"),
        (("--rehearse",), 2, "cannot rehearse"),
        (("--pin",), 2, "PROMPT@3"),
        (("--like", "0" * 26), 2, "give nothing more"),
        (("-r", "elsewhere/api"), 3, "elsewhere/api"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_next_step(
    w: World, arguments: tuple[str, ...], status: int, said: str
) -> None:
    done = schedules(w, "add", "utcnow", "-r", "acme/clean", *NIGHTLY, *arguments)

    assert done.status == status
    assert said in done.sentence
    assert w.app.schedules.list() == ()


def test_a_prompt_file_is_saved_and_pinned(w: World, tmp_path: Path) -> None:
    prompt = tmp_path / "tidy.md"
    prompt.write_text("Tidy up.")
    source = ("--prompt-file", str(prompt), "-r", "acme/clean")

    refused = schedules(w, "add", *source, "--rule", "whenever")
    assert refused.status == 2
    assert schedules(w, "show", "tidy", group="prompts").status == 2

    done = schedules(w, "add", *source, "--rule", "every 6 hours", "--json")
    assert done.json["template"]["prompt"] == "tidy@1"
    assert done.json["rule"]["text"] == "every 6 hours"


def test_ticks_of_two_processes_submit_what_is_due_once(w: World) -> None:
    schedule = due(w)

    with ThreadPoolExecutor(2) as both:
        ticks = list(both.map(lambda _: in_process(w, "tick", "--json"), range(2)))

    assert [tick.status for tick in ticks] == [0, 0], [tick.err for tick in ticks]
    (run_noted,) = w.app.store.records.schedule(schedule.id).runs
    assert {tick["run"]["request"] for call in ticks for tick in call.json} == {run_noted.request}
    submitted = w.app.requests.find(run_noted.request)  # type: ignore[arg-type]
    assert submitted.origin.schedule == schedule.id
    (job,) = w.app.requests.jobs_of(submitted.id)
    assert w.wait_for(job.id).state == "succeeded"
    like = schedules(
        w, "add", "--like", submitted.id, "--pin", "--name", "Again", *NIGHTLY, "--json"
    )
    assert like.json["template"]["prompt"] == "utcnow@1"
    assert like.json["template"]["repositories"] == ["acme/clean"]


def test_a_tick_with_nothing_due_says_so(w: World) -> None:
    added(w)

    assert schedules(w, "tick").text == "Nothing is due.\n"
    assert schedules(w, "tick", "--json").json == []


def test_a_tick_that_is_refused_ends_with_1_and_the_reason_is_kept(w: World) -> None:
    schedule = due(w)
    w.github.change_repository("acme/clean", archived=True)

    done = schedules(w, "tick")
    w.github.change_repository("acme/clean", archived=False)

    assert done.status == 1
    assert "utcnow: Not submitted: " in done.text
    assert "archived" in schedules(w, "show", schedule.id).text


def test_a_run_by_hand_is_a_request_with_its_jobs(w: World) -> None:
    kept = added(w)

    done = in_process(w, "run-now", "utcnow", "--json")

    assert done.status == 0, done.err
    assert done.json["origin"]["schedule"] == kept["id"]
    assert [job["repository"] for job in done.json["jobs"]] == ["acme/clean"]
    w.wait_for(w.app.requests.jobs_of(done.json["id"])[0].id)


def test_what_is_due_starts_while_a_dispatcher_runs(w: World) -> None:
    schedule = due(w)

    done = run("dispatcher", "run", environment=w.settings.as_environment())

    assert done.status == 0, done.err
    (noted,) = w.app.store.records.schedule(schedule.id).runs
    (job,) = w.app.requests.jobs_of(noted.request)  # type: ignore[arg-type]
    assert w.wait_for(job.id).state == "succeeded"  # perhaps by the dispatcher after this one


def test_what_is_due_starts_while_the_workbench_is_served(w: World) -> None:
    schedule = due(w)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    terminal = Terminal(
        *("-m", "codybatch", "up", "--port", str(port)),
        columns=100,
        environment=w.settings.as_environment(),
    )
    terminal.read_until(lambda shown: "The workbench: " in shown)

    def has_started() -> bool:
        return bool(w.app.store.records.schedule(schedule.id).runs)

    while not has_started():
        w.app.clock.sleep(0.1)
    terminal.press_ctrl_c()

    assert terminal.finish() == 0
    (noted,) = w.app.store.records.schedule(schedule.id).runs
    (job,) = w.app.requests.jobs_of(noted.request)  # type: ignore[arg-type]
    assert w.wait_for(job.id).state == "succeeded"


def test_a_watching_tick_starts_what_becomes_due_and_ends_with_ctrl_c(w: World) -> None:
    schedule = due(w)
    terminal = Terminal(
        *("-m", "codybatch", "schedules", "tick", "--watch"),
        columns=100,
        environment=w.settings.as_environment(),
    )
    terminal.read_until(lambda shown: "utcnow: Started: request " in shown)

    terminal.press_ctrl_c()

    assert terminal.finish() == 0
    assert "Traceback" not in terminal.shown
    (noted,) = w.app.store.records.schedule(schedule.id).runs
    w.wait_for(w.app.requests.jobs_of(noted.request)[0].id)  # type: ignore[arg-type]
