"""Whether what jobs need is there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from codybatch.composition import Application, application
from codybatch.domain.errors import CodyBatchError, StoreRefused
from codybatch.domain.jobs import Job
from codybatch.ports import CredentialTrouble, Engine
from codybatch.services.health import Health, Standing, deep_health
from codybatch.settings import load_settings
from tests.kept_work import Kept


@dataclass(frozen=True)
class Refusing:
    """An engine that cannot be asked."""

    error: CodyBatchError

    def describe(self, jobs: Sequence[Job]) -> None:  # noqa: ARG002 - the port's
        raise self.error


CREDENTIAL = "ANTHROPIC_API_KEY:0123abcd"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Application]:
    made = application(load_settings(home=tmp_path))
    yield made
    made.close()


def look(app: Application, *, thorough: bool = False) -> Health:
    found = deep_health(app.store.records, app.engine, app.clock, [CREDENTIAL], thorough=thorough)
    assert [part.part for part in found.parts][:2] == ["store", "engine"]
    return found


@pytest.mark.parametrize("thorough", [False, True])
def test_all_is_well_where_nothing_is_wrong(app: Application, thorough: bool) -> None:
    found = look(app, thorough=thorough)

    assert found.standing is Standing.OK
    assert found.parts[2].part == "ANTHROPIC_API_KEY"


def test_a_credential_that_was_refused_is_named_with_the_reason_while_that_counts(
    app: Application,
) -> None:
    now = app.clock.now()
    trouble = CredentialTrouble(CREDENTIAL, "The quota is used up.", now, now + timedelta(hours=1))
    app.store.records.note_credential_trouble(trouble)

    found = look(app)

    assert found.standing is Standing.FAILED
    assert found.parts[2].detail == "The quota is used up."
    past = CredentialTrouble(CREDENTIAL, "The quota is used up.", now, now)
    app.store.records.note_credential_trouble(past)
    assert look(app).standing is Standing.OK


def test_only_a_thorough_look_finds_what_does_not_add_up(app: Application, tmp_path: Path) -> None:
    kept = Kept.at(tmp_path)
    kept.request()
    kept.store.close()
    with sqlite3.connect(tmp_path / "codybatch.db") as connection:
        connection.execute("UPDATE job_counts SET jobs = jobs + 1")
    connection.close()

    assert look(app).standing is Standing.OK
    found = look(app, thorough=True)
    assert (found.standing, found.parts[0].standing) == (Standing.FAILED, Standing.FAILED)
    assert "counts of jobs" in found.parts[0].detail


def test_what_another_service_says_is_for_the_log_alone(
    app: Application, caplog: pytest.LogCaptureFixture
) -> None:
    words = "User: arn:aws:sts::123456789012:assumed-role/dev-api is not authorized"
    denied = StoreRefused(f"No access ({words}).", quoted=words)
    engine = Refusing(denied)
    found = deep_health(app.store.records, cast(Engine, engine), app.clock, [])

    assert found.parts[1].detail == "No access (the log has the words)."
    assert words in caplog.text
