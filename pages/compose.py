"""A request of one's own: the prompt, the repositories, the options, what it may cost, and off."""

import streamlit as st

from codybatch.ui.components import page_header
from codybatch.ui.compose.beginning import ask_to_clear, begin, show_notes
from codybatch.ui.compose.forecasting import estimate
from codybatch.ui.compose.form import check
from codybatch.ui.compose.library import library
from codybatch.ui.compose.live_typing import read_while_typing
from codybatch.ui.compose.looking import fetch
from codybatch.ui.compose.options_part import ask_options
from codybatch.ui.compose.preview_part import show_preview
from codybatch.ui.compose.prompt_part import ask_prompt
from codybatch.ui.compose.repositories_part import ask_for_more, show_chosen, show_heading
from codybatch.ui.compose.session import keep, put
from codybatch.ui.compose.submit_part import (
    show_estimate,
    show_no_key,
    show_run,
    show_sent,
)
from codybatch.ui.prompt_hints import hint_lines, show_hints
from codybatch.ui.workbench import page

with page("The new request", "compose") as app:
    prompts = library(app.prompts)
    draft = fetch(app, begin(app, prompts))
    put(draft)
    keep(app)
    checked = check(draft, app.prompts, app.requests.intake.policy, app.person)
    forecast = estimate(app, draft, checked)

    with page_header("New request"):
        ask_to_clear(app, draft, prompts)
    show_notes(app, prompts)
    show_sent(app)
    left, right = st.columns([5, 3], gap="large")
    with left:
        st.subheader("Prompt", anchor=False)
        ask_prompt(app, draft, prompts)
        if checked.prompt is not None:
            show_hints(hint_lines(checked.prompt, app.net.clean))
        show_preview(app, draft, checked)
        show_heading(app, draft)
        show_chosen(app, draft, checked, forecast.costs())
        ask_for_more(app, draft)
    with right, st.container(key="compose-side", border=True):
        show_estimate(app, forecast)
        show_no_key(app)
        show_run(app, draft, checked)
        ask_options(app, draft)
    read_while_typing()
