"""A workbench of one's own and a Chromium to look at it with."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, expect

ROOT = Path(__file__).parents[2]
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
START_SECONDS = 60.0


@contextmanager
def workbench(home: Path, **environment: str) -> Iterator[str]:
    """Serve the workbench over the store in ``home``; gives its address."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    named = {**os.environ, "CODYBATCH_HOME": str(home), **environment}
    with (
        (home / "server.log").open("wb") as log,
        subprocess.Popen(
            [*command, f"--server.port={port}"], cwd=ROOT, env=named, stdout=log, stderr=log
        ) as server,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def chromium(playwright: Playwright) -> Browser | None:
    """The system's Chromium, else the one that ``playwright install chromium`` brought."""
    found = next(filter(None, map(shutil.which, SYSTEM_NAMES)), None)
    path = found or playwright.chromium.executable_path
    if not Path(path).exists():
        return None
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def settled(page: Page) -> None:
    """Wait until the page was run to its end."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached(
        timeout=30_000
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The workbench did not start (status {server.poll()}).")
