"""How long the first request to a cold function waits: what is imported and built for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.benchmark

ROUNDS = 5
MOST_TIMES_FASTAPI = 3.5
"""For everything that the first answer needs, against the bare framework: a ratio holds it on any
machine.
"""
MOST_TIMES_FOR_HANDLERS = 0.5
"""For the module that names the function: it loads neither the framework nor the store."""

TOKENS = f"nobody:read:{0:064x}"
FIRST_ANSWER = """
import asyncio
asyncio.set_event_loop(asyncio.new_event_loop())
from codybatch.api import handlers
context = {"http": {"method": "GET", "path": "/v1/health", "sourceIp": "192.0.2.7"}}
event = {"version": "2.0", "rawPath": "/v1/health", "rawQueryString": "", "requestContext": context}
answer = handlers.http({**event, "headers": {"host": "api.example"}}, None)
assert answer["statusCode"] == 200, answer
"""


def fastest(code: str, home: Path) -> float:
    """Seconds of the fastest of some runs: what the machine needs when nothing else wants it."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "CODYBATCH_HOME": str(home), "CODYBATCH_API_TOKENS": TOKENS},
            capture_output=True,
            check=True,
        )
        times.append(time.perf_counter() - begun)
    return min(times)


def test_a_cold_function_costs_little_more_than_the_framework_it_stands_on(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    fastest(FIRST_ANSWER, tmp_path)  # the store is made once, not by every cold start

    python = fastest("pass", tmp_path)
    framework = fastest("import fastapi", tmp_path) - python
    module = fastest("import codybatch.api.handlers", tmp_path) - python
    first = fastest(FIRST_ANSWER, tmp_path) - python

    record_property("first_answer_seconds", round(first, 3))
    measured = (
        f"import codybatch.api.handlers: {module * 1000:.0f} ms; first answer: "
        f"{first * 1000:.0f} ms; import fastapi: {framework * 1000:.0f} ms "
        f"({first / framework:.2f} times)"
    )
    sys.stdout.write(measured + "\n")
    assert module < MOST_TIMES_FOR_HANDLERS * framework, measured
    assert first < MOST_TIMES_FASTAPI * framework, measured
