"""What axe (https://github.com/dequelabs/axe-core) finds on a page, without what is not ours."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

NOT_OURS = {
    "list": "[data-testid=stSidebarNav]",
    "listitem": "[data-testid=stSidebarNav]",
    "svg-img-alt": "[data-testid=stMetric]",
}
"""Rules that Streamlit 1.67 itself breaks, each with what it does so in: the groups of its
navigation are no list items, and the points of a number's line have no names.
"""
AT_REST = """() => {
  const app = document.querySelector('.stApp');  // the form to sign in has none
  return !app || getComputedStyle(app).getPropertyValue('--cb-muted')
    && [...app.querySelectorAll('[data-stale]')].every(
      one => one.dataset.stale !== 'true' && getComputedStyle(one).opacity === '1');
}"""
"""Streamlit brings our style a moment after the first words, and fades what a run may take away."""
SERIOUS = frozenset({"serious", "critical"})


def findings(page: Page) -> list[str]:
    """The serious findings of ours, a line each: rule, place, why."""
    page.wait_for_function(AT_REST, timeout=30_000)
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in violations
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
        if not _is_streamlits(page, violation["id"], node)
    ]


def accessible(page: Page) -> None:
    """Fail with what axe finds on the page as it stands now."""
    found = findings(page)
    assert not found, "\n\n".join(found)


def _is_streamlits(page: Page, rule: str, node: dict[str, Any]) -> bool:
    inside = NOT_OURS.get(rule)
    if inside is None or len(node["target"]) != 1:
        return False
    found = page.locator(node["target"][0]).first
    return bool(found.evaluate("(element, inside) => !!element.closest(inside)", inside))
