"""Settings: a person's preferences, whether all is well, and what limits everybody."""

import streamlit as st

from codybatch.ui.components import notice, page_header
from codybatch.ui.settings.form import ask_preferences
from codybatch.ui.settings.reasons import ask_reasons
from codybatch.ui.settings.sections import show_health, show_limits
from codybatch.ui.workbench import page

TABS = ("Preferences", "Reasons", "Health", "Limits")

with page("The settings", area="settings") as app:
    page_header("Settings", meta=f"of {app.person}")
    kept = app.personal.preferences(app.person)
    preferences, reasons, health, limits = st.tabs(
        TABS, key="tab", on_change="rerun", bind="query-params"
    )
    if preferences.open:
        with preferences:
            if kept.unreadable:
                parts = ", ".join(kept.unreadable)
                notice("unreadable", "orange", "Some preferences could not be read", parts)
            ask_preferences(app, kept.value)
    if reasons.open:
        with reasons:
            ask_reasons(app)
    if health.open:
        with health:
            show_health(app)
    if limits.open:
        with limits:
            show_limits(app)
