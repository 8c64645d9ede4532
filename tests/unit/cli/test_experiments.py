"""``codybatch experiments``: run, watched, looked at, changed, ticked and removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.prompts import PromptDraft
from tests.cli_kit import Call, call, run
from tests.terminal_kit import Terminal
from tests.worker.world import CLEAN, CLOCKS, UTCNOW, World, world

OVER_BOTH = ("utcnow@1", "utcnow@2", "-r", "acme/clean", "-r", "acme/clocks")


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with world(folder, {"acme/clean": CLEAN, "acme/clocks": CLOCKS}) as opened:
        for text in (UTCNOW, f"{UTCNOW} Everywhere.", f"{UTCNOW} Carefully."):
            opened.app.prompts.save(PromptDraft(name="utcnow", template=text), opened.app.person)
        yield opened


@pytest.fixture(autouse=True)
def no_experiments(w: World) -> Iterator[None]:
    yield
    for experiment in w.app.experiments.list():
        w.app.experiments.cancel(experiment.id, w.app.person)
        w.app.experiments.remove(experiment.id)


def experiments(w: World, *arguments: str) -> Call:
    """Run a command in this process."""
    return call("experiments", *arguments, environment=w.settings.as_environment())


def begun(w: World, name: str, *arguments: str) -> Any:
    """The JSON of an experiment that has begun."""
    words = ("run", *OVER_BOTH, "--name", name, "--fresh", *arguments)
    done = experiments(w, *words, "--no-wait", "--json")
    assert done.status == 0, done.err
    return done.json


def shown(w: World, *arguments: str) -> Any:
    """The JSON of a command that worked."""
    done = experiments(w, *arguments, "--json")
    assert done.status == 0, done.err
    return done.json


def test_a_list_without_experiments_says_how_to_begin_one(w: World) -> None:
    assert "codybatch experiments run PROMPT@1 PROMPT@2" in experiments(w, "list").text
    assert experiments(w, "list", "--json").json == []


def test_a_run_is_watched_to_its_end_and_shown_as_a_matrix(w: World) -> None:
    done = run(
        "experiments",
        *("run", *OVER_BOTH, "--name", "Both", "--budget", "20"),
        environment=w.settings.as_environment(),
    )

    assert done.status == 0, done.err
    assert "The experiment Both" in done.err
    assert "Estimate: about $" in done.err
    assert "4 done" in done.err
    matrix = {line.split("\t")[0]: line.split("\t")[2:] for line in done.text.splitlines()}
    assert matrix["acme/clean"] == matrix["acme/clocks"] == ["✓", "✓"]
    assert "✓ done" in done.err
    cells = experiments(w, "show", "both", "--cells").text.splitlines()
    assert [line.split("\t")[1:4] for line in cells] == [
        [arm, repository, "1"]
        for arm in ("utcnow@1", "utcnow@2")
        for repository in ("acme/clean", "acme/clocks")
    ]
    listed = experiments(w, "list").text.split("\t")
    assert listed[1:6] == ["Both", "ended", "2", "2", "4"]


def test_what_exists_is_said_and_run_again_only_on_request(w: World) -> None:
    environment = w.settings.as_environment()
    words = ("experiments", "run", *OVER_BOTH)
    first = run(*words, "--name", "First", environment=environment)

    again = run(*words, "--name", "Again", environment=environment)

    assert (first.status, again.status) == (0, 0)
    assert "4 of its 4 cells exist already and are not paid for again" in again.err
    assert "Every cell exists already" in again.err
    assert "4 of them made for another experiment" in again.text


def test_a_dry_run_says_what_it_would_run_and_leaves_nothing(w: World) -> None:
    words = ("run", *OVER_BOTH, "-n", "3", "--budget", "0.10", "--dry-run", "--fresh")

    told, preview = experiments(w, *words), experiments(w, *words, "--json").json

    assert "12 cells (2 arms x 2 repositories x 3 repetitions); 6 requests" in told.text
    assert "Note: The cells would probably pass the budget: $0.10 of it are left." in told.err
    assert (preview["cells"], preview["missing"], preview["requests"]) == (12, 12, 6)
    assert float(preview["estimate"]["lowUsd"]) > 0
    assert experiments(w, "list", "--json").json == []


def test_a_file_describes_an_experiment_and_options_take_its_place(
    w: World, tmp_path: Path
) -> None:
    path = tmp_path / "hints.toml"
    path.write_text(
        'name = "From a file"\nprompts = ["utcnow@1"]\nrepetitions = 2\n'
        'repositories = [{ repository = "acme/clean", changes_necessary = false }]\n'
    )

    words = ("run", "--file", str(path), "-n", "1", "--metric", "cost", "--effort", "low")
    found = experiments(w, *words, "--dry-run", "--json").json["experiment"]

    assert (found["name"], found["repetitions"], found["metric"]) == ("From a file", 1, "cost")
    assert found["repositories"][0]["changesNecessary"] is False
    assert found["arms"][0]["options"]["effort"] == "low"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("run", "-r", "acme/clean"), 2, "Name at least one prompt"),
        (("run", "utcnow"), 2, "Name at least one repository"),
        (("run", "never-saved", "-r", "acme/clean"), 2, "never-saved"),
        (("run", "utcnow", "-r", "else/where"), 3, "else/where is not allowed"),
        (("run", "utcnow", "-r", "acme/clean", "-n", "0"), 2, "--repetitions takes at least 1"),
        (("run", "utcnow", "-r", "acme/clean", "--metric", "luck"), 2, "--metric takes accepted"),
        (("run", "utcnow", "-r", "acme/clean", "--budget", "-1"), 2, "--budget takes US dollars"),
        (("run", "utcnow", "-r", "acme/clean", "--at-once", "0"), 2, "--at-once takes at least 1"),
        (("run", "utcnow", "-r", "acme/clean", "--effort", "no"), 2, "--effort takes low"),
        (("run", "--file", "none.toml"), 2, "none.toml: No such file"),
        (("show", "nothing"), 2, "There is no experiment 'nothing'"),
        (("metric", "nothing", "luck"), 2, "'luck' decides nothing"),
        (("budget", "nothing", "much"), 2, "takes US dollars above 0"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    w: World, words: tuple[str, ...], status: int, said: str
) -> None:
    done = experiments(w, *words)

    assert done.status == status
    assert said in done.sentence
    assert experiments(w, "list", "--json").json == []


def test_an_experiment_is_paused_resumed_cancelled_and_retried(w: World) -> None:
    begun(w, "Acts", "-n", "3", "--at-once", "1")

    assert shown(w, "pause", "acts")["state"] == "paused"
    assert shown(w, "resume", "acts")["state"] == "running"
    cancelled = shown(w, "cancel", "acts")
    assert cancelled["state"] == "paused"
    assert "experiments resume Acts" in cancelled["next"]
    assert shown(w, "retry", "acts")["state"] == "running"


def test_what_is_added_is_only_previewed_on_a_dry_run(w: World) -> None:
    begun(w, "Grows")

    preview = shown(w, "add", "grows", "utcnow@3", "-n", "1", "--dry-run")
    again = shown(w, "aa", "grows", "--dry-run")
    same = shown(w, "show", "grows")
    grown = shown(w, "add", "grows", "utcnow@3")

    assert preview["cells"] == 12
    assert [arm["name"] for arm in again["arms"]] == ["utcnow@1", "utcnow@2", "utcnow@1 again"]
    assert len(same["arms"]) == 2
    assert [arm["name"] for arm in grown["arms"]] == ["utcnow@1", "utcnow@2", "utcnow@3"]
    assert experiments(w, "add", "grows").status == 2


def test_budget_metric_and_baseline_are_changed(w: World) -> None:
    begun(w, "Changes")

    assert shown(w, "budget", "changes", "7.50")["budgetUsd"] == "7.5"
    assert shown(w, "budget", "changes", "none")["budgetUsd"] is None
    assert shown(w, "metric", "changes", "rating")["metric"] == "rating"
    assert shown(w, "baseline", "changes", "utcnow@2")["baseline"] == "utcnow@2"


def test_the_same_key_begins_one_experiment(w: World) -> None:
    first, second = (begun(w, "Keyed", "--idempotency-key", "k") for _ in range(2))

    assert first["id"] == second["id"]


def test_a_budget_that_holds_nothing_leaves_with_1_and_says_what_to_do(w: World) -> None:
    words = ("run", *OVER_BOTH, "--name", "Poor", "--budget", "0.01", "--fresh")

    done = experiments(w, *words)

    assert done.status == 1
    assert "waiting. Waits. The budget of $0.01 does not hold what comes next" in done.text
    assert "experiments budget Poor USD" in done.text


def test_a_tick_lets_experiments_go_on(w: World) -> None:
    begun(w, "Ticks")
    w.app.experiments.pause(w.app.experiments.find("ticks").id)
    w.app.experiments.resume(w.app.experiments.find("ticks").id)

    done = experiments(w, "tick", "--json")

    assert done.status == 0
    assert {one["name"] for one in done.json} <= {"Ticks"}


def test_a_removed_experiment_is_gone(w: World) -> None:
    begun(w, "Goes")

    done = experiments(w, "remove", "goes")

    assert "Removed the experiment Goes. Its requests and jobs stay." in done.text
    assert experiments(w, "show", "goes").status == 2


def test_a_person_at_a_terminal_is_asked_before_anything_is_spent(w: World) -> None:
    terminal = Terminal(
        *("-m", "codybatch", "experiments", "run", *OVER_BOTH, "--name", "Asked", "--fresh"),
        columns=160,
        environment=w.settings.as_environment(),
    )
    terminal.read_until(lambda text: "Run it? [y/N]" in text)
    terminal.type("n\n")

    assert terminal.finish() == 0
    assert "4 cells (2 arms x 2 repositories)" in terminal.shown
    assert experiments(w, "list", "--json").json == []
