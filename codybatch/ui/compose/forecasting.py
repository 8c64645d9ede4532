"""The live estimate: worked out beside the page, and shown when it is there."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.repositories import RepositoryFacts
from codybatch.services.estimates import Forecast
from codybatch.ui.compose.draft import Draft
from codybatch.ui.compose.form import Checked
from codybatch.ui.inquiries import Inquiry, pool

AT_ONCE_SECONDS = 0.2
"""How long the page waits for an estimate, so that it mostly comes without a second drawing."""
_FORECASTING = "composing-forecasting"


class _Asked(NamedTuple):
    """All that an estimate depends on, as text that can be compared."""

    prompt: str
    options: str
    cap: str
    facts: tuple[str, ...]


@dataclass
class Forecasting:
    """The estimate of one tab."""

    asked: _Asked | None = None
    inquiry: Inquiry[Forecast] | None = None
    forecast: Forecast | None = None
    why_not: str = ""
    """Why there is none, in words."""

    def costs(self) -> dict[str, Decimal]:
        """What the job of each repository probably costs, by its name in lower case."""
        if self.forecast is None:
            return {}
        return {
            one.facts.repository.full_name.lower(): one.estimate.likely_usd
            for one in self.forecast.repositories
        }

    @property
    def is_old(self) -> bool:
        """Whether a newer one is worked out right now."""
        return self.inquiry is not None


def forecasting() -> Forecasting:
    """Of this tab."""
    if _FORECASTING not in st.session_state:
        st.session_state[_FORECASTING] = Forecasting()
    found: Forecasting = st.session_state[_FORECASTING]
    return found


def estimate(app: Application, draft: Draft, checked: Checked) -> Forecasting:
    """The estimate of the draft as it is now, or why there is none."""
    mine = forecasting()
    facts = tuple(one.facts for one in draft.repositories if one.facts is not None)
    missing = _missing(draft, checked, facts)
    if missing:
        mine.asked, mine.inquiry, mine.forecast, mine.why_not = None, None, None, missing
        return mine
    _start(app, mine, draft, checked, facts)
    if mine.inquiry is not None and mine.inquiry.wait(AT_ONCE_SECONDS):
        _fetch(mine)
    return mine


def brought(seconds: float) -> Forecasting:
    """The estimate, waited for if it is being worked out."""
    mine = forecasting()
    if mine.inquiry is not None and mine.inquiry.wait(seconds):
        _fetch(mine)
    return mine


def _missing(draft: Draft, checked: Checked, facts: tuple[RepositoryFacts, ...]) -> str:
    if checked.prompt is None:
        return "Pick or write a prompt for an estimate."
    if not draft.repositories:
        return "Choose a repository for an estimate."
    if not facts:
        return "The estimate comes once the repositories are looked up."
    return "" if checked.options else "No estimate while an option is wrong."


def _start(
    app: Application,
    mine: Forecasting,
    draft: Draft,
    checked: Checked,
    facts: tuple[RepositoryFacts, ...],
) -> None:
    prompt, options, cap = checked.prompt, checked.options, draft.options.request_cap_usd
    if prompt is None or options is None:
        return
    asked = _Asked(
        f"{prompt.name} {prompt.kind}",
        options.to_json(),
        str(cap),
        tuple(f"{one.id} {one.size_kb}" for one in facts),
    )
    if asked == mine.asked:
        return
    service = app.requests.estimates
    mine.asked, mine.why_not = asked, ""
    mine.inquiry = Inquiry(
        pool(),
        lambda _: service.forecast(prompt.name, prompt.kind, options, cap, facts),
        "Estimating …",
    )


def _fetch(mine: Forecasting) -> None:
    inquiry, mine.inquiry = mine.inquiry, None
    if inquiry is not None:
        mine.forecast, mine.why_not = inquiry.outcome()
