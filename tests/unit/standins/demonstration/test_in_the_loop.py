"""The demonstration's model in the product's own loop, with its own tools and client."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from codybatch.agent.task import ConversationEnd
from codybatch.claude.client import AnthropicClient
from codybatch.claude.prices import PriceBook
from codybatch.domain.findings import Severity
from codybatch.domain.prompts import Kind
from codybatch.domain.states import EndedBecause
from codybatch.standins.anthropic import DEMONSTRATION_KEY, AnthropicStandin
from codybatch.standins.demonstration import DemonstrationModel
from codybatch.standins.demonstration.steps import SIGNED
from codybatch.standins.repositories import CATALOGUE, SampleRepository, files_of
from tests.agent_kit import Bench, make_task

FILES = {
    "README.md": "# Shop\n",
    "shop/orders.py": (
        "from datetime import datetime\r\n\r\n\r\n"
        "def placed():\r\n    return datetime.utcnow().isoformat() + 'Z'\r\n"
    ),
    "shop/prices.py": (
        "import requests\n\n\ndef price(name):\n    return requests.get(URL + name).json()\n"
    ),
    "shop/settings.py": "import yaml\n\n\ndef read(text):\n    return yaml.load(text)\n",
    "shop/unchanged.py": "COLOUR = 'red'\n",
}
UTC_PROMPT = "Replace the deprecated datetime.utcnow() and datetime.utcfromtimestamp()."
UTC_ORDERS = (
    "from datetime import datetime, timezone\r\n\r\n\r\ndef placed():\r\n    "
    'return datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")\r\n'
)
ANSWER = {
    "type": "object",
    "properties": {"languages": {"type": "array", "items": {"type": "string"}}},
    "required": ["languages"],
    "additionalProperties": False,
}


def work(
    folder: Path, prompt: str, kind: Kind = Kind.CHANGE, files: dict[str, str] = FILES
) -> tuple[ConversationEnd, Bench]:
    task = make_task(
        model="claude-sonnet-5-5",
        kind=kind,
        prompt_text=prompt,
        answer_schema=ANSWER if kind is Kind.ASK else None,
    )
    job = Bench(folder, lambda *_: None, task, files=files)  # type: ignore[arg-type]
    job.attempt()
    with AnthropicStandin(DemonstrationModel()) as standin:
        client = AnthropicClient(DEMONSTRATION_KEY, standin.url, job.clock, PriceBook())
        job.model = client  # type: ignore[assignment]
        try:
            return job.run(), job
        finally:
            client.close()


def content(job: Bench, path: str) -> str:
    return job.tree.read(path).decode()


@pytest.mark.parametrize(
    ("prompt", "path", "after"),
    [
        pytest.param(UTC_PROMPT, "shop/orders.py", UTC_ORDERS, id="utc"),
        pytest.param(
            "Add a timeout of 5 seconds to every call of requests.",
            "shop/prices.py",
            FILES["shop/prices.py"].replace("+ name)", "+ name, timeout=5)"),
            id="timeouts",
        ),
        pytest.param(
            "Replace yaml.load without a Loader by yaml.safe_load.",
            "shop/settings.py",
            FILES["shop/settings.py"].replace("yaml.load", "yaml.safe_load"),
            id="yaml",
        ),
        pytest.param(
            "Rename `COLOUR` to `COLOR`.", "shop/unchanged.py", "COLOR = 'red'\n", id="rename"
        ),
    ],
)
def test_each_task_ends_with_the_change_and_a_true_account(
    tmp_path: Path, prompt: str, path: str, after: str
) -> None:
    end, job = work(tmp_path, prompt)

    assert end.ended_because is EndedBecause.FINISHED
    assert job.tree.changed() == (path,)
    assert content(job, path) == after
    assert end.were_changes_necessary is True
    assert end.claim_mismatch == ""
    assert path in end.summary
    assert end.summary.endswith(SIGNED)
    assert end.spending.cost_usd > 0


def test_a_task_that_finds_nothing_changes_nothing(tmp_path: Path) -> None:
    end, job = work(tmp_path, "Replace `jquery` with `htmx`.")

    assert end.ended_because is EndedBecause.FINISHED
    assert job.tree.changed() == ()
    assert end.were_changes_necessary is False


def test_an_audit_it_does_not_know_ends_honestly(tmp_path: Path) -> None:
    end, job = work(tmp_path, "Which languages does `COLOUR` speak?", Kind.AUDIT)

    assert end.ended_because is EndedBecause.FINISHED
    assert job.tree.changed() == ()
    assert end.findings == ()
    assert "nothing was changed" in end.summary


def test_an_audit_reports_each_place_with_its_lines(tmp_path: Path) -> None:
    prompt = "Find calls of datetime.utcnow() and unsafe yaml.load()."
    end, job = work(tmp_path, prompt, Kind.AUDIT)

    assert end.ended_because is EndedBecause.FINISHED
    assert job.tree.changed() == ()
    assert end.were_changes_necessary is True
    assert [(f.rule, f.path, f.start_line, f.severity) for f in end.findings] == [
        ("naive-utc-datetime", "shop/orders.py", 5, Severity.MEDIUM),
        ("unsafe-yaml-load", "shop/settings.py", 5, Severity.HIGH),
    ]
    assert end.findings[1].suggestion == "    return yaml.safe_load(text)"
    assert all(finding.place_found for finding in end.findings)


def test_a_question_is_answered_in_its_fields(tmp_path: Path) -> None:
    end, job = work(tmp_path, "Which languages is this written in?", Kind.ASK)

    assert end.ended_because is EndedBecause.FINISHED
    assert job.tree.changed() == ()
    assert end.answer == {"languages": ["Python"]}
    assert end.summary.endswith(SIGNED)


def naive_uses(source: str) -> set[str]:
    """What naive calls of the standard library a file holds, comments and strings aside."""
    imported = {"datetime", "dt"}
    return {
        ast.unparse(node)
        for node in ast.walk(ast.parse(source.removeprefix("\ufeff")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"utcnow", "utcfromtimestamp"}
        and ast.unparse(node.value).split(".")[0] in imported
    }


@pytest.mark.parametrize("sample", CATALOGUE, ids=lambda sample: sample.full_name)
def test_over_the_demonstrations_repositories_it_does_what_is_needed_and_no_more(
    tmp_path: Path, sample: SampleRepository
) -> None:
    files = {
        path: file.content.decode()
        for path, file in files_of(sample.full_name).items()
        if _is_text(file.content)
    }

    end, job = work(tmp_path, UTC_PROMPT, files=files)

    assert end.ended_because is EndedBecause.FINISHED
    assert end.were_changes_necessary is sample.uses_naive_times
    assert bool(job.tree.changed()) is sample.uses_naive_times
    assert all(path.endswith(".py") for path in job.tree.changed())
    for path in files:
        if path.endswith(".py"):
            assert naive_uses(content(job, path)) == set()


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False
