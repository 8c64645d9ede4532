"""The tab Cost and time: how each arm's jobs are spread, and what an accepted result costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from codybatch.analysis.report.arms import Amounts, ArmSummary
from codybatch.analysis.report.contents import Report
from codybatch.analysis.statistics.answers import CannotBeSaid, Interval
from codybatch.analysis.statistics.sentences import of_cost, of_cost_ratio
from codybatch.ui.experiments.numbers import UNKNOWN, dollars
from codybatch.ui.experiments.result import table
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.words import duration, tokens


@dataclass(frozen=True)
class Strip:
    """How the jobs of one arm are spread; places are percent of the widest."""

    name: str
    told: str
    low: float
    median: float
    high: float


def strips(
    arms: Sequence[tuple[str, Amounts | CannotBeSaid]], write: Callable[[float], str]
) -> tuple[Strip, ...]:
    """One for each arm that has numbers, all on one scale that begins at 0.

    Args:
        arms: names and what their jobs came to.
        write: a number in words.
    """
    known = [(name, one) for name, one in arms if not isinstance(one, CannotBeSaid)]
    widest = max((one.most for _, one in known), default=0.0) or 1.0
    return tuple(
        Strip(
            name=name,
            told=f"{write(one.median)} in the middle, {write(one.least)} to {write(one.most)}",
            low=100 * one.least / widest,
            median=100 * one.median / widest,
            high=100 * one.most / widest,
        )
        for name, one in known
    )


def strips_as_html(found: Sequence[Strip]) -> str:
    """The strips; names are escaped."""
    rows = "".join(
        f'<li><b title="{escape(one.name)}">{escape(one.name)}</b>'
        f'<span class="cb-strip-line" aria-hidden="true">'
        f'<i class="cb-strip-range" style="left:{one.low:.2f}%;'
        f'width:{max(one.high - one.low, 0.4):.2f}%"></i>'
        f'<i class="cb-strip-middle" style="left:{one.median:.2f}%"></i></span>'
        f"<span>{escape(one.told)}</span></li>"
        for one in found
    )
    return f'<ul class="cb-strips">{rows}</ul>'


def show_amounts(report: Report, clean: Clean) -> None:
    """The whole tab."""
    cap, spent = report.setup.budget_usd, report.setup.spent_usd
    budget = f", of a budget of ${cap:,.2f}" if cap is not None else ""
    st.text(f"${spent:,.2f} were spent on what is compared here{budget}.")
    named = [(shown_on_one_line(arm.arm, clean), arm) for arm in report.arms]
    _show_strips("What a job costs", [(name, arm.cost) for name, arm in named], dollars)
    _show_strips("How long a job works", [(name, arm.seconds) for name, arm in named], duration)
    _show_strips("Lines that a job changes", [(name, arm.lines) for name, arm in named], _lines)
    st.subheader("What an accepted result costs", anchor=False)
    for name, arm in named:
        st.text(of_cost(arm.cost_per_accepted, name))
    for one in report.against_baseline:
        st.text(shown(of_cost_ratio(one.cost_ratio, (report.setup.baseline, one.arm)), clean))
    st.subheader("Tokens", anchor=False)
    headings = ("Arm", "Read fresh", "From the cache", "Written", "Cost a job", "Per accepted")
    st.html(table("tokens", headings, [_row(name, arm) for name, arm in named]))


def _show_strips(
    title: str,
    arms: Sequence[tuple[str, Amounts | CannotBeSaid]],
    write: Callable[[float], str],
) -> None:
    found = strips(arms, write)
    if found:
        st.subheader(title, anchor=False)
        st.html(strips_as_html(found))


def _lines(number: float) -> str:
    return f"{number:,.0f} lines"


def _row(name: str, arm: ArmSummary) -> tuple[str, ...]:
    used = arm.tokens
    return (
        name,
        tokens(used.input),
        tokens(used.cached),
        tokens(used.output),
        UNKNOWN if isinstance(arm.cost, CannotBeSaid) else dollars(arm.cost.mean),
        _per_accepted(arm),
    )


def _per_accepted(arm: ArmSummary) -> str:
    each = arm.cost_per_accepted
    if isinstance(each, CannotBeSaid):
        return UNKNOWN
    bounds = each.interval
    between = (
        f" ({dollars(bounds.low)} to {dollars(bounds.high)})"
        if isinstance(bounds, Interval)
        else ""
    )
    return f"{dollars(each.value)}{between}"
