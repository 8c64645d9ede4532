"""The parts of the page of settings, from its view model to widgets."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.patient import patient
from codybatch.services.doctor import Finding, examine
from codybatch.ui.components import badge, empty_state, muted, notice
from codybatch.ui.inquiries import LOOK_AGAIN_SECONDS, Inquiry, Tell, pool
from codybatch.ui.settings.view import Check, kept_where, limits, report
from codybatch.ui.workbench import errors_told

_EXAMINATION = "settings-examination"


def show_limits(app: Application) -> None:
    """What is allowed, and what limits everybody."""
    settings = app.settings
    st.subheader("Allowed repositories", anchor=False)
    if settings.allowed_repositories.patterns:
        st.code("\n".join(settings.allowed_repositories.patterns), language=None)
        muted("settings-allowed", "Set by CODYBATCH_ALLOWED_REPOSITORIES; ! excludes.")
    else:
        notice(
            "settings-allowed",
            "orange",
            "No repository is allowed",
            "Set CODYBATCH_ALLOWED_REPOSITORIES, such as 'my-org/*,!my-org/secrets', where the "
            "workbench is started.",
        )
    st.subheader("Caps and limits", anchor=False)
    st.table(
        [
            {"Limit": one.name, "Value": one.value, "Variable": one.variable}
            for one in limits(settings)
        ]
    )
    muted("settings-where", kept_where(settings))


def show_health(app: Application) -> None:
    """The doctor's report: made when it is asked for, because it asks services."""
    inquiry: Inquiry[list[Finding]] | None = st.session_state.get(_EXAMINATION)
    pressed = st.button(
        "Check again" if inquiry else "Check now",
        key="settings-check",
        icon=":material/stethoscope:",
        disabled=inquiry is not None and not inquiry.has_ended,
        help="Looks at keys, permissions, the disk, the database and more; spends nothing.",
    )
    if pressed:
        st.session_state[_EXAMINATION] = _examination(app)
        st.rerun()
    if inquiry is None:
        sentence = "The check looks at everything that a job needs and says how to mend it."
        empty_state("health", "Not checked yet", sentence, ":material/stethoscope:")
    elif not inquiry.has_ended:
        _wait_for(inquiry)
    else:
        found = report(inquiry.result(), app.net.clean)
        st.text(found.summary)
        for check in found.checks:
            _show_check(check)


def _examination(app: Application) -> Inquiry[list[Finding]]:
    def work(tell: Tell) -> list[Finding]:
        found: list[Finding] = []
        for one in examine(patient(app), offline=app.settings.is_demonstration):
            found.append(one)
            tell(f"Looked at: {', '.join(dict.fromkeys(known.check for known in found))}.")
        return found

    return Inquiry(pool(), work, "Begins to look.")


def _wait_for(inquiry: Inquiry[list[Finding]]) -> None:
    @st.fragment(run_every=LOOK_AGAIN_SECONDS)
    def waiting() -> None:
        with errors_told("The check"):
            if inquiry.has_ended:
                st.rerun()
            st.text(inquiry.said)

    waiting()


def _show_check(check: Check) -> None:
    with st.container(border=True, key=f"settings-check-{check.name}-{hash(check.detail)}"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            badge(check.badge)
            st.markdown(f"**{check.name}**", width="content")
        st.text(check.detail)
        if check.mend:
            muted(f"settings-mend-{check.name}-{hash(check.mend)}", check.mend)
