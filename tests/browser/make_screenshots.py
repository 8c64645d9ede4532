"""Writes docs/images/: the list in light, a job in dark. ``make shots`` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from codybatch.settings import inherited_environment
from tests.browser.kit import ROOT, chromium, settled, workbench

IMAGES = ROOT / "docs" / "images"
DEMONSTRATED = "invoice-ledger"


def main() -> None:
    """Run the demonstration in a home of its own and take both pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = chromium(playwright)
        if browser is None:
            sys.exit("No Chromium here: install one, or run `playwright install chromium`.")
        environment = {**inherited_environment(), "CODYBATCH_HOME": folder}
        environment["CODYBATCH_PERSON"] = "dana"
        demo = [sys.executable, "-m", "codybatch", "demo"]
        subprocess.run(demo, env=environment, check=True, stdout=subprocess.DEVNULL)
        with workbench(Path(folder, "demo"), CODYBATCH_DEMONSTRATION="true") as address:
            take(browser, address, "light", IMAGES / "jobs-light.png")
            take(browser, address, "dark", IMAGES / "job-dark.png", DEMONSTRATED)
        browser.close()


def take(browser: Browser, address: str, scheme: str, to: Path, job: str = "") -> None:
    """One picture: of the list, or of the job on a repository that is named."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 1200 if job else 700},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[class*=st-key-row-]")).to_have_count(5, timeout=30_000)
    if job:
        page.get_by_role("link", name=job).click()
        expect(page.get_by_role("heading", name="Diff")).to_be_attached()
    settled(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.evaluate("document.fonts.ready.then(() => true)")
    page.screenshot(path=to)
    context.close()
    sys.stdout.write(f"{os.path.relpath(to)}: {to.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main()
