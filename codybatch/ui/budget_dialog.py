"""The question before a request's cost cap is raised, wherever somebody meets that cap."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.identifiers import RequestId
from codybatch.domain.requests import Request
from codybatch.services.wording import money
from codybatch.ui.acts import answered, refused
from codybatch.ui.done import say_done
from codybatch.ui.live import forget
from codybatch.ui.plain_text import literal, shown_on_one_line
from codybatch.ui.questions import close_question


def ask_raise(app: Application, request: Request) -> None:
    """A higher cost cap, so that the jobs that wait for it go on."""
    budget = request.budget
    title = shown_on_one_line(request.title, app.net.clean, longest=120)

    @st.dialog(literal(f"Raise the budget of “{title}”?"), on_dismiss=close_question)
    def dialog() -> None:
        cap = money(budget.cap_usd) if budget.cap_usd is not None else "no cap"
        st.text(f"{money(budget.spent_usd)} of {cap} were spent. Its waiting jobs then go on.")
        lowest = float(budget.cap_usd or budget.spent_usd)
        wanted = st.number_input(
            "New cap for the whole request (US dollars)",
            min_value=lowest,
            value=max(lowest * 2, 1.0),
            step=1.0,
            format="%.2f",
            key="raise-cap",
        )
        if answered(f"Raise to ${wanted:,.2f}", "raise"):
            _raise(app, request.id, Decimal(f"{wanted:.2f}"))

    dialog()


def _raise(app: Application, request: RequestId, cap: Decimal) -> None:
    try:
        app.requests.raise_budget(request, cap)
    except CodyBatchError as error:
        refused(app, error)
        return
    finally:
        forget(app)
    say_done("The budget is raised.")
    close_question()
    st.rerun()
