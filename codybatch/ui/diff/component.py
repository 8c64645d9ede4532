"""The component that draws a diff in the browser (``ui/frontend``), from Python's side.

It gets plain data and gives back what a person chose; HTML is made in the browser alone, by
diff2html, which escapes each line. What it was sent first stays as it is while it is on the page,
so that a later run sends nothing again but what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from codybatch.ui.diff.choices import Chosen
from codybatch.ui.diff.shown_diff import PartNumber, ShownDiff

FRONTEND = Path(__file__).parents[1] / "frontend"
VIEWER = FRONTEND / "vendor" / "diff2html" / "diff2html-ui-slim.min.js"


def is_installed() -> bool:
    """Whether the build took the viewer from npm."""
    return VIEWER.is_file()


def draw(
    name: str,
    diff: ShownDiff,
    begin: Callable[[], Chosen],
    on_change: Callable[[Chosen, Chosen], None],
) -> None:
    """Draw a diff.

    Args:
        name: of this patch on the page; another patch has another name.
        diff: what to draw.
        begin: says how it is looked at; asked when it comes onto the page.
        on_change: called with what was chosen before and what is chosen now.
    """
    key = f"diff-{name}"
    if key not in st.session_state:
        first = begin()
        st.session_state[f"{key}-chosen"] = {"first": first, "last": first}
    remembered = st.session_state[f"{key}-chosen"]

    def changed() -> None:
        now = _chosen(st.session_state[key], remembered["last"], len(diff.files))
        before, remembered["last"] = remembered["last"], now
        if now != before:
            on_change(before, now)

    wanted = _part_numbers(st.session_state.get(key, {}).get("wanted"))
    _component()(
        key=key,
        data=_data(name, diff, remembered["first"], wanted),
        on_chosen_change=changed,
        on_wanted_change=_nothing,
    )


def _data(
    name: str, diff: ShownDiff, begin: Chosen, wanted: Collection[PartNumber]
) -> dict[str, Any]:
    if wanted:  # of a large patch; the browser has kept all that it was sent before
        return {"name": name, "bodies": diff.bodies(wanted)}
    return {
        "name": name,
        "files": diff.entries(),
        "bodies": diff.first_bodies(),
        "viewed": sorted(begin.viewed),
        "split": begin.is_split,
        "ignoreWhitespace": begin.ignores_whitespace,
    }


def _chosen(state: Any, before: Chosen, files: int) -> Chosen:
    """What the browser says was chosen; what makes no sense changes nothing."""
    said = state.get("chosen")
    if not isinstance(said, dict) or not isinstance(said.get("viewed"), list):
        return before
    viewed = {one for one in said["viewed"] if type(one) is int and 0 <= one < files}
    split, whitespace = said.get("split"), said.get("ignoreWhitespace")
    return Chosen(frozenset(viewed), split is True, whitespace is True)


def _part_numbers(said: Any) -> list[PartNumber]:
    if not isinstance(said, list):
        return []
    return [
        (one[0], one[1])
        for one in said
        if isinstance(one, list) and len(one) == 2 and all(type(number) is int for number in one)
    ]


def _nothing() -> None:
    """Streamlit keeps only state that has a callback."""


@cache
def _component() -> Any:
    return st.components.v2.component(
        "codybatch.diff", html='<div id="cb-diff"></div>', css="diff.css", js="diff.js"
    )
