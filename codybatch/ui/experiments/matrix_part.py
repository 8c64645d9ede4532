"""The tab Matrix: its filters, which stand in the address, and the table."""

from __future__ import annotations

import streamlit as st

from codybatch.analysis.report.contents import Report
from codybatch.ui.components import empty_state, muted
from codybatch.ui.experiments.matrix import (
    FILTERS,
    ROWS,
    Order,
    as_html,
    counts_in_words,
    legend,
    matrix,
)
from codybatch.ui.plain_text import Clean, shown_on_one_line

_ANY = ""
_WORDS = {
    "all": "All",
    "regressed": "Regressed",
    "improved": "Improved",
    "differ": "Differ",
    "equal": "Equal",
}
_ORDERS = {
    Order.DIFFERENCE: "Worst beside the baseline first",
    Order.GAIN: "Best beside the baseline first",
    Order.NAME: "By name",
}


def show_matrix(report: Report, clean: Clean) -> None:
    """The whole tab."""
    if not report.matrix:
        empty_state("matrix", "There is nothing to show yet", "It comes with the first jobs.")
        return
    against, which, order = _ask(report, clean)
    found = matrix(report, clean, against, which, order)
    pages = max(1, -(-found.found // ROWS))
    is_of_any = against == _ANY and len(report.against_baseline) > 1
    muted("experiments-counts", counts_in_words(found, of_any=is_of_any))
    if not found.found:
        empty_state("matrix", "No repository is like that", "Choose another filter.")
        return
    number = st.pagination(pages, key="mp", bind="query-params") if pages > 1 else 1
    if number > 1:
        found = matrix(report, clean, against, which, order, number)
    st.html(as_html(found))
    signs = " · ".join(f"{mark.sign} {word}" for mark, word in legend())
    muted("experiments-legend", f"{signs}. Each mark is a repetition and leads to its job.")


def _ask(report: Report, clean: Clean) -> tuple[str, str, Order]:
    others = [one.arm for one in report.against_baseline]
    first, second, third = st.columns([7, 4, 5], vertical_alignment="bottom")
    which = first.segmented_control(
        "Beside the baseline",
        list(FILTERS),
        default="all",
        required=True,
        key="which",
        bind="query-params",
        format_func=_WORDS.__getitem__,
    )
    against = _ANY
    if len(others) > 1:
        against = second.selectbox(
            "Of arm",
            [_ANY, *others],
            key="arm",
            bind="query-params",
            format_func=lambda arm: shown_on_one_line(arm, clean) if arm else "Any",
        )
    order = third.selectbox(
        "Sorted",
        list(Order),
        key="order",
        bind="query-params",
        format_func=_ORDERS.__getitem__,
    )
    chosen = against or (others[0] if len(others) == 1 else _ANY)
    return chosen, which or "all", Order(str(order))
