"""Tables on a real terminal, wide and narrow."""

from __future__ import annotations

from tests.cli_kit import ESCAPES
from tests.terminal_kit import Terminal
from tests.unit.cli.conftest import Finished


def shown(finished: Finished, columns: int, *arguments: str) -> list[str]:
    terminal = Terminal(
        "-m",
        "codybatch",
        *arguments,
        columns=columns,
        environment=finished.world.settings.as_environment(),
    )
    assert terminal.finish() == 0
    return [line.rstrip() for line in ESCAPES.sub("", terminal.shown).splitlines()]


def test_on_a_wide_terminal_a_job_is_one_line_under_the_headings(finished: Finished) -> None:
    lines = shown(finished, 200, "jobs", "list")

    job = finished.job("acme/clocks")
    assert lines[0].split() == [
        *("JOB", "REPOSITORY", "STATE", "NEEDED", "CHANGE", "COST", "RESULT")
    ]
    (line,) = [line for line in lines if job["id"] in line]
    assert job["publication"]["url"] in line
    assert line.index("acme/clocks") == lines[0].index("REPOSITORY")


def test_on_a_narrow_terminal_ids_and_addresses_stay_whole_on_a_line_of_their_own(
    finished: Finished,
) -> None:
    lines = shown(finished, 80, "jobs", "list")

    job = finished.job("acme/clocks")
    assert lines[0].split() == ["REPOSITORY", "STATE", "NEEDED", "CHANGE", "COST"]
    (place,) = [place for place, line in enumerate(lines) if job["id"] in line]
    assert lines[place - 1].split()[:3] == ["acme/clocks", "succeeded", "yes"]
    assert max(map(len, lines)) <= 80


def test_states_have_colours_on_a_terminal_alone(finished: Finished) -> None:
    terminal = Terminal(
        "-m",
        "codybatch",
        "jobs",
        "list",
        columns=120,
        environment=finished.world.settings.as_environment(),
    )
    terminal.finish()

    assert "\x1b[32msucceeded" in terminal.shown
    assert "\x1b" not in finished.call("jobs", "list").text


def test_facts_are_wrapped_below_themselves(finished: Finished) -> None:
    lines = shown(finished, 60, "jobs", "show", finished.job("acme/clocks")["id"])

    (place,) = [place for place, line in enumerate(lines) if line.startswith("Summary")]
    assert lines[place + 1].startswith(" " * 12)
    assert max(len(line) for line in lines if "http" not in line and "codybatch" not in line) <= 60
