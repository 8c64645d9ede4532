"""What the doctor looks at, gathered from an application for the faces that show its report."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from codybatch.backing import queue_look_of, store_look_of
from codybatch.clients import code_host_credential, model_credential
from codybatch.composition import Application
from codybatch.services.doctor import Patient
from codybatch.settings import Settings, is_loopback, unknown_variables


def patient(app: Application) -> Patient:
    """What the doctor looks at."""
    settings = app.settings
    return Patient(
        records=app.store.records,
        clock=app.clock,
        home=settings.home,
        database=app.database,
        allowed=settings.allowed_repositories,
        has_model_key=settings.anthropic_api_key is not None,
        model_credential=model_credential(settings),
        has_code_host_credential=settings.has_code_host_credential,
        code_host_credential=code_host_credential(settings),
        model_name=settings.model,
        model=app.clients.model,
        code_host=app.clients.code_host,
        is_demonstration=settings.is_demonstration,
        has_caps=any(
            cap is not None
            for cap in (
                settings.job_cost_cap_usd,
                settings.request_cost_cap_usd,
                settings.daily_cost_cap_usd,
            )
        ),
        unknown_variables=unknown_variables(),
        time_elsewhere=lambda: _time_at(settings.github_api_url),
        runs_here=not settings.runs_on_batch,
        dispatcher=lambda: _dispatcher_in_words(app),
        store_look=store_look_of(settings),
        queue_look=queue_look_of(settings, app.clock),
        setbacks=lambda: app.store.setbacks,
        collector=settings.otlp_endpoint,
        collector_problem=lambda: _problem_with_collector(settings),
    )


def _dispatcher_in_words(app: Application) -> str | None:
    status = app.local_engine.status()
    return f"process {status.pid} with {len(status.workers)} workers" if status else None


def _problem_with_collector(settings: Settings) -> str:
    """What is wrong with the collector: it is sent a request without spans."""
    address = f"{settings.otlp_endpoint}/v1/traces"
    headers = {**settings.collector_headers(), "Content-Type": "application/x-protobuf"}
    try:
        with requests.Session() as session:
            session.trust_env = not is_loopback(address)
            answer = session.post(
                address, data=b"", headers=headers, timeout=10, allow_redirects=False
            )
    except requests.RequestException as error:
        return f"cannot be reached ({type(error).__name__})"
    return "" if answer.ok else f"answers {answer.status_code}"


def _time_at(address: str) -> datetime | None:
    """What time a server says it is; asked without any credential."""
    try:
        with requests.Session() as session:
            session.trust_env = not is_loopback(address)
            answer = session.head(address, timeout=10, allow_redirects=False)
        said = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)
