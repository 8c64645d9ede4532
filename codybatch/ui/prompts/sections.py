"""The sections of one prompt's page, from its view model to widgets."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.ui.components import Crumb, badge, empty_state, facts, moment, muted, page_header
from codybatch.ui.navigation import COMPOSE, NEW_EXPERIMENT, PROMPTS, REQUESTS, seen
from codybatch.ui.plain_text import literal
from codybatch.ui.prompt_hints import show_hints
from codybatch.ui.prompts.acts import show_acts
from codybatch.ui.prompts.address import show_another
from codybatch.ui.prompts.rejected import show_rejected
from codybatch.ui.prompts.rows import KIND_ICONS
from codybatch.ui.prompts.view import PromptView, VariableLine, changes
from codybatch.ui.requests.rows import row_of
from codybatch.ui.rows import row_list
from codybatch.ui.words import Badge

TABS = ("Text", "Changes", "Where used", "Rejected")


def show_head(app: Application, view: PromptView) -> None:
    """Which prompt, and what can be done with it."""
    badges = [Badge(view.kind, KIND_ICONS[view.kind], "gray")]
    if view.is_archived:
        badges.append(Badge("Archived", ":material/archive:", "yellow"))
    with page_header(
        view.name, Crumb("Prompts", PROMPTS, seen(PROMPTS)), badges=badges, meta=view.about
    ):
        if not view.is_archived:
            st.button(
                "Edit",
                key="prompts-edit",
                icon=":material/edit:",
                on_click=show_another,
                args=(view.name, view.number, "version"),
            )
        if not view.is_archived and st.button(
            "Try on one repository",
            key="prompts-try",
            icon=":material/science:",
            help="A request with a small cap; nothing is published.",
        ):
            st.switch_page(COMPOSE, query_params={"prompt": view.ref, "try": "true"})
        show_acts(app, view)
        if not view.is_archived and st.button(
            "Use in request", key="prompts-use", type="primary", icon=":material/play_arrow:"
        ):
            st.switch_page(COMPOSE, query_params={"prompt": view.ref})
    if view.description:
        st.text(view.description)


def show_prompt(app: Application, view: PromptView) -> None:
    """The history at the left; the version itself at the right."""
    left, right = st.columns([1, 3], gap="medium")
    with left:
        _show_history(view)
    with right:
        if view.facts:
            facts("prompt", view.facts)
        _show_tabs(app, view)


def _show_history(view: PromptView) -> None:
    st.subheader("History", anchor=False)
    with st.container(key="prompts-history", border=True, gap=None):
        for line in view.history:
            which = "now" if line.number == view.number else "other"
            with st.container(key=f"prompts-{which}-{line.number}", gap=None):
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    st.button(
                        f"Version {line.number}",
                        key=f"prompts-version-{line.number}",
                        type="tertiary",
                        on_click=show_another,
                        args=(view.name, line.number),
                    )
                    if line.number == view.number:
                        badge(Badge("Shown", ":material/visibility:", "blue"))
                moment(line.when)
                muted(f"prompts-{line.number}", f"{line.told} · by {line.by}")


def _show_tabs(app: Application, view: PromptView) -> None:
    text, compared, used, rejected = st.tabs(
        TABS, key="tab", on_change="rerun", bind="query-params"
    )
    if text.open:
        with text:
            _show_text(view)
    if compared.open:
        with compared:
            _show_changes(app, view)
    if used.open:
        with used:
            _show_uses(view)
    if rejected.open:
        with rejected:
            show_rejected(app, view.name)


def _show_text(view: PromptView) -> None:
    with st.container(key="prompts-text"):
        st.code(view.text, language=None, wrap_lines=True)
    show_hints(view.hints)
    if view.variables:
        st.subheader("Variables", anchor=False)
        with st.container(key="prompts-variables", border=True, gap=None):
            for one in view.variables:
                _show_variable(one)
    if view.schema:
        st.subheader("Answer", anchor=False)
        st.code(view.schema, language="json", wrap_lines=True)


def _show_variable(one: VariableLine) -> None:
    with st.container(key=f"prompts-variable-{one.name}", gap=None):
        with st.container(horizontal=True, gap="small", key=f"strong-prompts-variable-{one.name}"):
            st.text(one.name, width="content")
        default = "needed each time" if one.default is None else f"{one.default} by default"
        muted(f"prompts-variable-{one.name}", f"{one.takes} · {default}")
        if one.about:
            st.text(one.about)


def _show_changes(app: Application, view: PromptView) -> None:
    if not view.others:
        empty_state(
            *("prompts-changes", "This is the only version", "The next save is compared with it."),
            icon=":material/difference:",
        )
        return
    other = st.selectbox(
        "Compare with",
        view.others,
        key=f"prompts-other-{view.number}",
        format_func=lambda number: f"Version {number}",
    )
    if not view.is_archived and st.button(
        "Compare both in an experiment", key="prompts-compare", icon=":material/science:"
    ):
        both = sorted((view.number, other))
        refs = [f"{view.name}@{number}" for number in both]
        st.switch_page(NEW_EXPERIMENT, query_params={"prompt": refs})
    found = changes(app.prompts, app.net.clean, view.name, view.number, other)
    if found:
        st.code(found, language="diff", wrap_lines=True)
    else:
        st.text("The text is the same: what differs is its description, variables or schema.")


def _show_uses(view: PromptView) -> None:
    if not view.used:
        with empty_state(
            *("prompts-uses", "No request used it yet", "Run it over a few repositories."),
            icon=":material/play_arrow:",
        ):
            if not view.is_archived:
                parameters = {"prompt": view.ref}
                st.page_link(COMPOSE, label="New request", query_params=parameters)
        return
    row_list("prompts-uses", [row_of(row) for row in view.used])
    if view.has_more_uses:
        st.page_link(
            REQUESTS,
            label=f"All requests of {literal(view.name)}",
            icon=":material/arrow_forward:",
            query_params={"prompt": view.name},
        )
