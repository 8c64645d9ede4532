"""Whatever the document of the API allows or forbids is answered as the document says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from codybatch.api.application import routed
from codybatch.api_settings import Scope
from codybatch.domain.findings import Finding, Severity
from codybatch.services.wire.jobs import JobInFull, JobShown
from codybatch.web.failures import Failures
from tests.api.conftest import REPOSITORIES
from tests.api_kit import Client, a_token, serving, tokens_for
from tests.kept_work import Kept, calls, gave, says
from tests.worker.world import world

TOKEN = a_token("root", Scope.ADMIN)
REFUSED_BY_RULES = ["2xx", "3xx", "400", "401", "403", "404", "409", "422", "502"]
"""What may become of a request that fits the document: there may be no such repository, prompt or
place in a list, or a rule of ours that no schema can hold may speak against it.
"""
CONFIGURATION = {
    "seed": 1,
    "request-timeout": 60,
    "headers": {"Authorization": f"Bearer {TOKEN}"},
    "generation": {"max-examples": 3, "database": "none"},
    "phases": {"stateful": {"enabled": False}},
    "checks": {"positive_data_acceptance": {"expected-statuses": REFUSED_BY_RULES}},
}

Known = dict[str, list[str]]
"""Ids and names that there are, by the parameter of the path that takes them."""


def test_the_link_to_a_jobs_log_is_in_its_json_and_says_what_it_is(tmp_path: Path) -> None:
    kept = Kept.at(tmp_path)
    job = kept.change(kept.request()).with_(log="https://logs.example/one")
    kept.store.close()

    shapes = routed().openapi()["components"]["schemas"]

    for shape in (JobShown, JobInFull):
        assert shapes[shape.__name__]["properties"]["log"]["description"].startswith("Where the")
        assert shape.of(job).as_json()["log"] == "https://logs.example/one"


@pytest.fixture(scope="module")
def kept_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Known]]:
    """An API with work of every kind behind it."""
    with world(tmp_path_factory.mktemp("document"), REPOSITORIES) as w:
        kept = Kept.at(w.settings.home)
        turns = [((says("I look."), calls("read_file")), (gave("text"),)), ((says("Done."),), ())]
        change = kept.change(kept.request(), turns)
        finding = Finding(severity=Severity.HIGH, rule="sql", path="a.py", message="Injected.")
        _, (audit,) = kept.audit((finding,))
        _, (ask,) = kept.ask({"framework": "none"})
        jobs = (change, audit, ask)
        known: Known = {
            "job": [job.id for job in jobs],
            "request": [job.request for job in jobs],
            "name": ["update", "injections"],
        }
        minutes = count()
        forgetful = Failures(lambda: 60.0 * next(minutes))  # it offers wrong tokens all the time
        tokens = tokens_for(root=(Scope.ADMIN,))
        with serving(w.app, tokens=tokens, failures=forgetful) as client:
            yield client, known
        kept.store.close()


@pytest.mark.timeout(400)  # half a minute, where nothing else wants the machine
def test_every_answer_is_one_that_the_document_has(kept_api: tuple[Client, Known]) -> None:
    """Thousands of requests that fit the document or just do not, with every check there is:
    statuses, headers, media types, schemas, refusals, methods, tokens.
    """
    client, known = kept_api
    schema = schemathesis.openapi.from_url(
        f"http://127.0.0.1:{client.port}/v1/openapi.json",
        config=SchemathesisConfig.from_dict(CONFIGURATION),
    )
    asked: Counter[str] = Counter()

    @schema.hook
    def map_path_parameters(about: Any, parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        """Every other time of an endpoint something that there is, each in its turn."""
        if not parameters:
            return parameters
        turn, invented = divmod(asked[about.operation.label], 2)
        asked[about.operation.label] += 1
        return {
            name: known[name][turn % len(known[name])] if name in known and not invented else value
            for name, value in parameters.items()
        }

    wrong: list[str] = []
    answers: Counter[tuple[str, int]] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            for one in event.recorder.interactions.values():
                answers[event.recorder.label, one.response.status_code if one.response else 0] += 1
        elif isinstance(event, events.NonFatalError):
            wrong.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            wrong.append(repr(event.exception))
        elif isinstance(event, events.EngineFinished):
            wrong += [f"{one.operation}: {one.title}: {one.message}" for one in event.failures]

    labels = {
        f"{method.upper()} {path}"
        for path, methods in schema.raw_schema["paths"].items()
        for method in methods
    }
    assert wrong == []
    assert {label for label, _ in answers} == labels
    named_by_others = re.compile("{(?:schedule|experiment)}")  # of which the store has none
    looks = {
        label for label in labels if label.startswith("GET") and not named_by_others.search(label)
    }
    well = {label for label, status in answers if status == 200}
    assert {label for label in looks - well if not finds(client, label, known)} == set()
    assert {label for label, status in answers if status >= 500 or status == 0} == set()


def finds(client: Client, label: str, known: Known) -> bool:
    """Whether an endpoint has something for one of the things that there are."""
    path = label.removeprefix("GET ")
    (name,) = re.findall(r"{(\w+)}", path)
    asking = client.as_(TOKEN)
    return 200 in [asking.get(path.replace(f"{{{name}}}", one)).status for one in known[name]]
