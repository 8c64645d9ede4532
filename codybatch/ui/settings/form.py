"""The form of a person's preferences."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TypeVar

import streamlit as st
from pydantic import ValidationError

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.publication import PublishMode
from codybatch.domain.requests import Effort
from codybatch.services.option_choices import NO_CAP, Cap, OptionChoices
from codybatch.services.preferences import Preferences, Theme
from codybatch.ui.acts import Question, confirm
from codybatch.ui.compose.words import EFFORTS, PUBLISH
from codybatch.ui.done import say_done
from codybatch.ui.jobs.table import COLUMNS, TABLE
from codybatch.ui.plain_text import shown
from codybatch.ui.questions import open_question
from codybatch.ui.settings.view import zones

T = TypeVar("T")
THEMES = {Theme.SYSTEM: "As the system", Theme.LIGHT: "Light", Theme.DARK: "Dark"}
_BY_SETTING = "By the setting"


def ask_preferences(app: Application, now: Preferences) -> None:
    """The preferences as they are kept; saved by one button."""
    with st.form("preferences", border=False):
        look, work = st.columns(2, gap="large")
        with look:
            st.subheader("How it looks", anchor=False)
            looks = _ask_looks(now)
        with work:
            st.subheader("How new requests begin", anchor=False)
            choices = _ask_defaults(app, now.defaults)
        with st.container(horizontal=True):
            save = st.form_submit_button("Save", type="primary", key="preferences-save")
    if save:
        _save(app, looks, choices)
    if st.button("Back to the defaults", type="tertiary", key="preferences-forget"):
        open_question(partial(_ask_forget, app))


def _ask_looks(now: Preferences) -> dict[str, object]:
    theme = st.segmented_control(
        "Theme", list(THEMES), default=now.theme, required=True, format_func=THEMES.__getitem__
    )
    zone = st.selectbox(
        "Time zone",
        names := zones(),
        index=names.index(now.time_zone) if now.time_zone in names else 0,
        format_func=lambda name: name or "The browser's",
        help="Of every time in the workbench. Budgets count UTC days all the same.",
    )
    columns = st.multiselect(
        "Columns of the table of jobs",
        COLUMNS,
        default=[name for name in now.table_columns.get(TABLE, ()) if name in COLUMNS],
        placeholder="All",
        help="In this order.",
    )
    tables = {**now.table_columns, TABLE: tuple(columns)}
    return {"theme": theme, "time_zone": zone or None, "table_columns": tables}


def _ask_defaults(app: Application, now: OptionChoices) -> dict[str, object]:
    settings = app.settings
    model = st.text_input("Model", now.model or "", placeholder=f"{_BY_SETTING}: {settings.model}")
    effort = _choice("Effort", [None, *Effort], now.effort, lambda one: EFFORTS[one or ""])
    publish = _choice(
        "Publish",
        [None, *PublishMode],
        now.publish,
        lambda one: PUBLISH[one] if one else f"{_BY_SETTING}: {PUBLISH[settings.publish]}",
    )
    left, right = st.columns(2)
    with left:
        job_cap = _cap("Cap of a job, US$", now.job_cost_cap_usd, settings.job_cost_cap_usd)
        turns = _number("Turns of a job", now.max_turns, settings.max_turns)
    with right:
        request_cap = _cap(
            "Cap of a request, US$", now.request_cost_cap_usd, settings.request_cost_cap_usd
        )
        minutes = _number("Minutes of a job", now.max_minutes, settings.max_minutes)
    return {
        "model": model.strip() or None,
        "effort": effort,
        "publish": publish,
        "job_cost_cap_usd": job_cap,
        "request_cost_cap_usd": request_cap,
        "max_turns": turns,
        "max_minutes": minutes,
    }


def _choice(label: str, options: list[T], now: T, named: Callable[[T], str]) -> T:
    chosen: T = st.selectbox(label, options, index=options.index(now), format_func=named)
    return chosen


def _cap(label: str, now: Cap, setting: Decimal | None) -> str:
    written = "" if now is None else str(now)
    default = NO_CAP if setting is None else f"{setting:.2f}"
    told = "US dollars, or none for no cap. Empty: by the setting."
    return st.text_input(label, written, placeholder=f"{_BY_SETTING}: {default}", help=told).strip()


def _number(label: str, now: int | None, setting: int) -> int | None:
    placeholder = f"{_BY_SETTING}: {setting}"
    return st.number_input(label, 1, None, now, 1, placeholder=placeholder)


def _save(app: Application, looks: dict[str, object], choices: dict[str, object]) -> None:
    kept = app.personal.preferences(app.person).value
    written = {name: value or None for name, value in choices.items()}
    try:
        defaults = OptionChoices.model_validate({**kept.defaults.model_dump(), **written})
        app.personal.prefer(app.person, **looks, defaults=defaults)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).replace("_", " ")
        st.error("This was not saved.", icon=":material/error:")
        st.text(f"{name.capitalize()}: {first['msg']}.")
        return
    except CodyBatchError as error:
        st.error("This was not saved.", icon=":material/error:")
        st.text(shown(error.message, app.net.clean))
        return
    say_done("Preferences saved")
    st.rerun()


def _ask_forget(app: Application) -> None:
    question = Question(
        title="Forget your preferences?",
        told=(
            "Theme, time zone, columns and the defaults of new requests are as the settings say.",
            "Drafts, verdicts and viewed marks stay.",
        ),
        act="Forget them",
        keep="Keep them",
        done="Preferences forgotten",
    )
    confirm(
        app,
        question,
        lambda: app.personal.keep_preferences(app.person, Preferences(), version=None),
    )
