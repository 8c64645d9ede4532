from __future__ import annotations

from codybatch.standins.anthropic.wire import JsonObject
from codybatch.standins.demonstration.auditing import Auditing
from codybatch.standins.demonstration.model import tasks_named
from codybatch.standins.demonstration.results import FileView, Hit
from codybatch.standins.demonstration.survey import Survey

CLOCK = (
    "from datetime import datetime\n\n\ndef now():\n    return datetime.utcnow()\n\n\n"
    'def text(stamp):\n    return f"{stamp.datetime.utcnow():%c}"'
)


def audited(path: str, text: str, words: str) -> list[JsonObject]:
    """What an audit reports where one file was found and read."""
    tasks = tasks_named(words)
    view = FileView()
    view.replace_text(text)
    lines = enumerate(text.split("\n"), start=1)
    found = [Hit(path, number, line) for number, line in lines if "utcnow" in line]
    hits = {search: found for task in tasks for search in task.searches}
    outcome = Auditing(tasks, Survey(views={path: view}, hits=hits)).outcome()
    return list(outcome.findings)


def test_a_place_is_reported_with_its_own_lines_and_not_its_import() -> None:
    place, unclear = audited("a.py", CLOCK, "Look for datetime.utcnow")

    assert (place["startLine"], place["endLine"]) == (5, 5)
    assert place["suggestion"] == "    return datetime.now(timezone.utc)"
    assert place["callsForChange"] is True
    assert (unclear["startLine"], unclear["severity"]) == (9, "info")
    assert unclear["callsForChange"] is False


def test_somebody_else_s_code_is_not_reported() -> None:
    assert audited("vendor/a.py", CLOCK, "Look for datetime.utcnow") == []


def test_where_nothing_is_found_nothing_calls_for_a_change() -> None:
    outcome = Auditing(tasks_named("unsafe yaml.load"), Survey()).outcome()

    assert outcome.findings == ()
    assert outcome.were_changes_necessary is False


def test_every_task_that_is_named_is_looked_for() -> None:
    words = "Find datetime.utcnow(), requests without timeout and unsafe yaml.load()"

    assert [task.rule for task in tasks_named(words)] == [
        "naive-utc-datetime",
        "request-without-timeout",
        "unsafe-yaml-load",
    ]
