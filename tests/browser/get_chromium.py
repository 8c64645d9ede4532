"""Sees that the tests of pages have a Chromium: ``python -m tests.browser.get_chromium``.

The system's is used where there is one. Else Playwright's is put into the environment; where that
fails or does not start, and this is Debian and we are root, the system gets one. Where nothing
works, only the tests of pages need to know: this says so and ends well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
INSIDE = {"PLAYWRIGHT_BROWSERS_PATH": "0"}
"""By this Playwright keeps its browsers in its own package, and so in the environment."""
START = ("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "about:blank")
START_SECONDS = 60.0
INSTALL_SECONDS = 600.0
MISSING = (
    "There is no Chromium, so the tests of pages cannot run: install one (on Debian: apt-get "
    "install chromium), or run `make setup` where Playwright's can be downloaded."
)

Get = Callable[[], None]


def system_chromium() -> str | None:
    """The system's own."""
    return next(filter(None, map(shutil.which, SYSTEM_NAMES)), None)


def chromium_here() -> str | None:
    """The browser that tests use: the system's, else Playwright's; None where there is neither."""
    if found := system_chromium():
        return found
    os.environ.update(INSIDE)
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def starts(path: str | None) -> bool:
    """Whether it shows an empty page: a browser without its libraries does not."""
    if path is None:
        return False
    try:
        done = subprocess.run(
            [path, *START], capture_output=True, timeout=START_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def ways() -> Iterator[tuple[str, Get]]:
    """What can be tried here, the least invasive first."""
    yield "playwright install chromium", _from_playwright
    if shutil.which("apt-get") and os.geteuid() == 0:
        yield "apt-get install chromium", _from_debian


def main() -> None:
    """Get one where there is none."""
    if starts(chromium_here()):
        return
    for name, get in ways():
        _say(f"No Chromium is here: {name}, once.")
        try:
            get()
        except (OSError, subprocess.SubprocessError) as error:
            _say(f"That failed: {error}")
        if starts(chromium_here()):
            return
    _say(MISSING)


def _from_playwright() -> None:
    _run(sys.executable, "-m", "playwright", "install", "chromium", **INSIDE)


def _from_debian() -> None:
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    _run("apt-get", "update", "-qq", **quiet)
    _run("apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium", **quiet)


def _run(*command: str, **environment: str) -> None:
    subprocess.run(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        timeout=INSTALL_SECONDS,
        check=True,
    )


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
