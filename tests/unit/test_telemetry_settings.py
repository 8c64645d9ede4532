from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codybatch.backing import launch_command
from codybatch.composition import conversation_environment, net, surroundings
from codybatch.domain.errors import InvalidSetting
from codybatch.ports.tracing import UntracedWorker
from codybatch.settings import Settings, load_settings
from codybatch.tracing import NO_TELEMETRY, worker_tracing

TOKEN = "collector-token-3f9a71c2"
ENVIRONMENT = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318/",
    "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer%20{TOKEN},x-team=platform-9d",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "3",
    "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=staging",
}
UNCONFIGURED = """
import sys
from codybatch.cli import main
from codybatch.composition import surroundings
from codybatch.settings import load_settings
from codybatch.tracing import conversation_tracing
surroundings(load_settings())
conversation_tracing(traced=False)
import codybatch.worker.tracing, codybatch.worker.converse
print(*(name for name in sys.modules if name.startswith("opentelemetry")))
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return load_settings(home=tmp_path)


def test_the_process_that_reads_the_repository_is_given_nothing_of_the_collectors(
    settings: Settings,
) -> None:
    environment = conversation_environment(settings)

    assert not [name for name in environment if name.startswith("OTEL_")]
    assert TOKEN not in repr(environment)


def test_workers_are_given_what_they_export_with(settings: Settings) -> None:
    environment = launch_command(settings).environment

    address = ENVIRONMENT["OTEL_EXPORTER_OTLP_ENDPOINT"].rstrip("/")
    assert {name: environment[name] for name in ENVIRONMENT} == {
        **ENVIRONMENT,
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
    }


def test_only_where_a_collector_is_named_does_the_conversation_make_spans(
    settings: Settings,
) -> None:
    around = surroundings(settings)
    around.tracing.close()
    without = surroundings(load_settings(home=settings.home, otlp_endpoint=""))

    assert around.conversation.arguments[-1] == "--traced"
    assert without.conversation.arguments[-1] == "converse"
    assert isinstance(without.tracing, UntracedWorker)


def test_nothing_of_opentelemetry_is_loaded_where_no_collector_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNCONFIGURED],
        env={"CODYBATCH_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_the_credential_is_known_to_the_second_net(settings: Settings) -> None:
    for text in (TOKEN, f"Bearer {TOKEN}", f"Bearer%20{TOKEN}", "platform-9d"):
        assert text not in net(settings).clean(f"It said: {text}!")
    assert TOKEN not in repr(settings)


def test_a_missing_package_is_said_and_costs_no_job(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "codybatch.telemetry.export", None)

    assert isinstance(worker_tracing(settings, net(settings)), UntracedWorker)
    assert NO_TELEMETRY in caplog.text
    assert "codybatch[telemetry]" in NO_TELEMETRY


def test_a_package_that_refuses_its_variables_costs_no_job(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**_: object) -> None:
        raise ValueError(f"no such compression with {TOKEN}")

    monkeypatch.setattr("codybatch.telemetry.export.OTLPSpanExporter", refuse)

    assert isinstance(worker_tracing(settings, net(settings)), UntracedWorker)
    assert "No spans are sent: ValueError" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    "headers", [f"Bearer {TOKEN}", f"a=b,{TOKEN}", f"a b={TOKEN}", f"={TOKEN}"]
)
def test_headers_that_are_none_are_refused_without_being_repeated(
    monkeypatch: pytest.MonkeyPatch, headers: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", headers)

    with pytest.raises(InvalidSetting, match="name=value") as refusal:
        load_settings()
    assert TOKEN not in str(refusal.value)


def test_the_demonstration_tells_nobodys_collector(settings: Settings) -> None:
    demonstration = settings.for_demonstration()

    assert demonstration.otlp_endpoint == ""
    assert TOKEN not in repr(demonstration.as_environment())


@pytest.mark.parametrize("address", ["collector:4318", "https://me:secret@collector", "grpc://x"])
def test_an_address_that_is_none_or_holds_a_credential_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)

    with pytest.raises(InvalidSetting, match="OTEL_EXPORTER_OTLP_ENDPOINT"):
        load_settings()
