"""Published reports as a browser gets them: files of a report, and nothing beside them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from codybatch.stores.embedded.site import FolderSite
from codybatch.ui.server.reports import PublishedReports

PAGE = b"<!doctype html><title>A report</title>"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    FolderSite(tmp_path).publish("e-1", {"index.html": PAGE, "report.json": b"{}"})
    (tmp_path / "secret.html").write_bytes(b"not a report")
    (tmp_path / "reports" / "e-1" / "notes.txt").write_bytes(b"of no kind that is shown")
    return tmp_path


def asked(home: Path, path: str, method: str = "GET", kind: str = "http") -> dict[str, Any]:
    sent: list[dict[str, Any]] = []

    async def beyond(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "beyond"})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "path": path, "method": method}
    asyncio.run(PublishedReports(beyond, home)(scope, receive, send))
    if sent[0]["type"] == "beyond":
        return {"beyond": True}
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return {"status": sent[0]["status"], "body": sent[1]["body"], **headers}


@pytest.mark.parametrize("path", ["/reports/e-1/index.html", "/reports/e-1/"])
def test_a_report_is_shown_under_its_name(home: Path, path: str) -> None:
    answer = asked(home, path)

    assert (answer["status"], answer["body"]) == (200, PAGE)
    assert answer["content-type"] == "text/html; charset=utf-8"


def test_its_head_tells_its_size(home: Path) -> None:
    answer = asked(home, "/reports/e-1/", "HEAD")

    assert (answer["status"], answer["body"]) == (200, b"")
    assert answer["content-length"] == str(len(PAGE))


@pytest.mark.parametrize(
    "path",
    [
        "/reports/",
        "/reports/e-1",
        "/reports/e-2/",
        "/reports/e-1/nothing.html",
        "/reports/e-1/notes.txt",
        "/reports/../secret.html",
        "/reports/e-1/../../secret.html",
        "/reports/e-1/.hidden.html",
        "/reports//secret.html",
        "/reports/e-1/index.html/",
        "/reports/e-1/index.html\x00",
    ],
)
def test_nothing_else_is_shown(home: Path, path: str) -> None:
    answer = asked(home, path)

    assert answer["status"] == 404
    assert b"not a report" not in answer["body"]


def test_nothing_can_be_written(home: Path) -> None:
    assert asked(home, "/reports/e-1/index.html", "PUT")["status"] == 405


@pytest.mark.parametrize(("path", "kind"), [("/", "http"), ("/jobs", "http"), ("/", "websocket")])
def test_everything_else_goes_on_to_the_pages(home: Path, path: str, kind: str) -> None:
    assert asked(home, path, kind=kind) == {"beyond": True}
