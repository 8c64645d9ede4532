"""Every starter over the demonstration's repositories, through whole jobs: it does what it says."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.repositories import AllowList
from codybatch.domain.states import JobState
from codybatch.services.starters import starter_named, starters
from codybatch.services.submission_form import SubmissionForm
from codybatch.standins.repositories import files_of, materialise
from tests.worker.world import World, world

NOTHING: dict[str, list[str]] = {}
CHANGES: dict[str, dict[str, dict[str, list[str]]]] = {
    "add-request-timeouts": {
        "demo-org/image-thumbs": {"thumbs/fetch.py": ["stream=True, timeout=10)"]},
        "demo-org/metrics-agent": NOTHING,
    },
    "annotate-return-none": {
        "demo-org/etl-pipeline": {
            "pipeline/config.py": ["def __init__(self, name, steps, options=None) -> None:"],
            "pipeline/state.py": [
                "def __init__(self, path) -> None:",
                "def record(self, step, when=None) -> None:",
            ],
        },
        "demo-org/feature-flags": NOTHING,
    },
    "load-yaml-safely": {
        "demo-org/etl-pipeline": {"pipeline/config.py": ["return Config(**yaml.safe_load(text))"]},
        "demo-org/csv-importer": NOTHING,
    },
    "name-file-encodings": {
        "demo-org/booking-service": {
            "booking/settings.py": ['with open(path, encoding="utf-8") as f:']
        },
        "demo-org/session-store": NOTHING,
    },
    "replace-utcnow": {
        "upstream/tinytemplate": {"tinytemplate/filters.py": ["datetime.now(timezone.utc)"]},
        "demo-org/session-store": NOTHING,
    },
}
"""By repository and file: what the lines that are added hold, at least."""
FINDINGS: dict[str, dict[str, dict[str, list[str]]]] = {
    "find-hard-coded-credentials": {
        "demo-org/booking-service": {
            "config/production.env": ["AWS_ACCESS_KEY_ID=", "DEPLOY_TOKEN="]
        },
        "demo-org/weather-client": NOTHING,
    },
    "find-swallowed-exceptions": {
        "demo-org/log-shipper": {"shipper/send.py": ["except Exception:"]},
        "demo-org/session-store": {
            "sessions/store.py": ["except FileNotFoundError:\n            p"]
        },
        "demo-org/job-queue": NOTHING,
    },
    "find-unsafe-deserialisation": {
        "demo-org/etl-pipeline": {
            "pipeline/config.py": ["yaml.load(stream,", "yaml.load(text)"],
            "pipeline/state.py": ["pickle.loads("],
        },
        "demo-org/storefront": NOTHING,
    },
}
"""By repository and file: what begins on the lines that are found, all of them."""
ANSWERS: dict[str, dict[str, dict[str, Any]]] = {
    "how-tests-run": {
        "demo-org/metrics-agent": {
            "testRunner": "go test",
            "testCommand": "go test ./...",
            "testFiles": 1,
            "hasContinuousIntegration": False,
        },
        "demo-org/booking-service": {
            "testRunner": "pytest",
            "testCommand": "make test",
            "testFiles": 2,
            "hasContinuousIntegration": False,
        },
        "demo-org/storefront": {
            "testRunner": "node:test",
            "testCommand": "npm test",
            "testFiles": 2,
        },
    },
    "which-framework-and-python": {
        "demo-org/booking-service": {  # its README compares it with Flask
            "webFramework": "none",
            "pythonRequired": None,
            "languages": ["Python"],
        },
        "upstream/holiday-calendar": {"webFramework": "none", "pythonRequired": ">=3.9"},
        "demo-org/storefront": {"languages": ["JavaScript"], "pythonRequired": None},
    },
}


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("starters")
    allowed = AllowList.parse("demo-org/*,upstream/*")
    with world(folder, {}, allowed_repositories=allowed) as opened:
        materialise(opened.github)
        yield opened


def ended(w: World, name: str, repositories: list[str], **variables: str) -> list[Job]:
    """The starter's jobs once they have ended; all of them well."""
    form = SubmissionForm(
        prompt=starter_named(name),
        variables=variables,
        repositories=tuple(repositories),
        options=w.app.default_options(),
        requester=w.app.person,
    )
    jobs = list(w.wait(w.app.requests.submit(form)))
    assert [job.state for job in jobs] == [JobState.SUCCEEDED] * len(jobs)
    return jobs


def text_of(repository: str, path: str) -> str:
    return files_of(repository)[path].content.decode().replace("\r\n", "\n")


def test_all_starters_are_tried_here() -> None:
    tried = {**CHANGES, **FINDINGS, **ANSWERS}

    assert {one.name for one in starters()} == set(tried)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_changes_what_it_names_and_nothing_where_there_is_nothing(
    w: World, name: str, tmp_path: Path
) -> None:
    expected = CHANGES[name]

    for job in ended(w, name, list(expected)):
        repository = job.repository.full_name
        wanted = expected[repository]
        assert job.were_changes_necessary is bool(wanted)
        assert bool(job.patch) is bool(wanted)
        if job.patch:
            before = tmp_path / repository.replace("/", "__")
            after = applied(before, repository, w.app.jobs.patch(job.id))
            for path, lines in wanted.items():
                added = set(after[path].split("\n")) - set(text_of(repository, path).split("\n"))
                missing = [line for line in lines if not any(line in one for one in added)]
                assert missing == []


def applied(folder: Path, repository: str, patch: bytes) -> dict[str, str]:
    """The Python files of a repository with a patch, which must apply."""
    for path, file in files_of(repository).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(file.content)
    subprocess.run(["git", "apply", "-"], cwd=folder, input=patch, check=True)
    found = {
        str(file.relative_to(folder)): file.read_text("utf-8-sig") for file in folder.rglob("*.py")
    }
    for path, text in found.items():
        compile(text, path, "exec")
    return found


def test_a_starters_variable_decides(w: World) -> None:
    (job,) = ended(w, "add-request-timeouts", ["demo-org/image-thumbs"], seconds="25")

    assert b"+    response = requests.get(url" in (patch := w.app.jobs.patch(job.id))
    assert b"timeout=25)" in patch


@pytest.mark.parametrize("name", FINDINGS)
def test_an_audit_finds_each_place_at_its_line_and_nothing_else(w: World, name: str) -> None:
    expected = FINDINGS[name]

    for job in ended(w, name, list(expected)):
        repository = job.repository.full_name
        found = {(finding.path, finding.start_line) for finding in job.findings}
        assert found == {
            (path, line_of(text_of(repository, path), words))
            for path, several in expected[repository].items()
            for words in several
        }
        assert job.patch is None


def line_of(text: str, words: str) -> int:
    assert text.count(words) == 1
    return text[: text.index(words)].count("\n") + 1


def test_a_credential_is_found_and_never_told(w: World) -> None:
    (job,) = ended(w, "find-hard-coded-credentials", ["demo-org/booking-service"])

    told = job.model_dump_json()
    assert "AWS_ACCESS_KEY_ID" in told
    assert "AKIANOTAREALKEY" not in told
    assert "NotARealToken" not in told


@pytest.mark.parametrize("name", ANSWERS)
def test_a_question_is_answered_by_what_the_code_does(w: World, name: str) -> None:
    expected = ANSWERS[name]

    for job in ended(w, name, list(expected)):
        wanted = expected[job.repository.full_name]
        assert job.answer is not None
        assert {field: job.answer[field] for field in wanted} == wanted
        assert set(job.answer["evidence"]) <= set(files_of(job.repository.full_name))
        assert job.kind is Kind.ASK
