"""Beside the form: what it will run, cost and be able to show; the button and its confirmation."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.services.estimates import basis_in_words
from codybatch.services.experiment_form import ExperimentForm
from codybatch.services.experiment_preview import Preview
from codybatch.services.identities import new_idempotency_key
from codybatch.services.wording import counted, money
from codybatch.ui.components import facts, muted, notice
from codybatch.ui.done import say_done
from codybatch.ui.experiments.deeds import begin_advance
from codybatch.ui.experiments.drafting import begun
from codybatch.ui.experiments.named import searching
from codybatch.ui.experiments.planning import Plan, Planning, ask_again, planning
from codybatch.ui.inquiries import LOOK_AGAIN_SECONDS
from codybatch.ui.live import forget
from codybatch.ui.navigation import EXPERIMENT
from codybatch.ui.plain_text import shown

_CONFIRMING, _STARTING = "experiments-confirming", "experiments-starting"
_KEY = "experiments-submission-key"
"""The form and the idempotency key under which it is set up, however often one clicks."""
_REFUSED = "experiments-refused"
_NO_ESTIMATE = {True: "Nothing to pay", False: "No estimate"}
"""By whether every cell exists already."""


def show_plan(app: Application, now: Planning) -> None:
    """What the experiment comes to, as far as it is known."""
    if now.plan is None:
        st.markdown(
            ":gray[**No estimate yet**]" if not now.is_old else ":gray[**Working it out …**]"
        )
        if now.why_not:
            notice("experiments-plan", "orange", "It cannot run like this", _said(app, now.why_not))
            st.button(
                "Ask again", key="experiments-plan-again", type="tertiary", on_click=ask_again
            )
        return
    with st.container(key="experiments-old" if now.is_old else "experiments-plan", gap="small"):
        _show_preview(app, now.plan.preview)
        if now.plan.power:
            st.text(now.plan.power)
            muted("experiments-power", "For what is typical; these prompts may vary more or less.")


def _said(app: Application, text: str) -> str:
    return shown(text, app.net.clean)


def _show_preview(app: Application, preview: Preview) -> None:
    estimate = preview.estimate
    with st.container(key="experiments-amount", gap=None):
        st.text(
            money(estimate.likely_usd) if estimate else "Nothing" if not preview.missing else "?"
        )
        if estimate:
            low, high = money(estimate.low_usd), money(estimate.high_usd)
            muted("experiments-range", f"between {low} and {high}")
            basis = basis_in_words(estimate)
            muted("experiments-basis", f"{basis[:1].upper()}{basis[1:]}.")
    facts("experiment-plan", _facts(preview))
    for number, text in enumerate(preview.notices):
        with st.container(key=f"experiments-warning-{number}"):
            st.text(_said(app, text))


def _facts(preview: Preview) -> list[tuple[str, str]]:
    one = preview.experiment
    return [
        ("Arms", str(len(one.arms))),
        ("Repositories", str(len(one.repositories))),
        ("Repetitions", str(one.repetitions)),
        ("Cells", f"{preview.cells:,}"),
        ("Exist already", f"{preview.existing:,}"),
        ("To run", f"{preview.missing:,}"),
        ("Requests", f"{preview.requests:,}"),
    ]


def show_start(
    app: Application, form: ExperimentForm | None, now: Planning, lacking: Sequence[str]
) -> None:
    """The one primary button, and what is missing while it cannot be pressed."""
    if refused := st.session_state.get(_REFUSED):
        notice("experiments-refused", "red", "The experiment was not begun", _said(app, refused))
    is_ready = form is not None and now.plan is not None and not now.is_old and not lacking
    st.button(
        "Begin the experiment",
        type="primary",
        icon=":material/science:",
        width="stretch",
        key="experiments-begin",
        disabled=not is_ready,
        on_click=_ask,
    )
    for number, sentence in enumerate(lacking):
        with st.container(key=f"muted-experiments-missing-{number}"):
            st.text(_said(app, sentence))
    _start_where_asked(app, form)
    if st.session_state.pop(_CONFIRMING, False) and form is not None and now.plan is not None:
        _confirm(app, form, now.plan)


def _ask() -> None:
    st.session_state[_CONFIRMING] = True
    st.session_state.pop(_REFUSED, None)


def _confirm(app: Application, form: ExperimentForm, plan: Plan) -> None:
    preview = plan.preview
    about = f" for about {money(preview.estimate.likely_usd)}" if preview.estimate else ""

    @st.dialog(f"Run {counted(preview.missing, 'job')}{about}?")
    def confirm() -> None:
        for line in told_before(form, preview):
            st.text(line)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Keep editing", key="experiments-keep"):
                st.rerun()
            st.button(
                "Begin",
                type="primary",
                key="experiments-confirm",
                icon=":material/science:",
                on_click=_go,
                args=(form.to_json(),),
            )
        _start_where_asked(app, form)

    confirm()


def told_before(form: ExperimentForm, preview: Preview) -> tuple[str, ...]:
    """What a person agrees to, in sentences: what runs, what it costs, where it ends."""
    estimate, cap = preview.estimate, form.budget_usd
    cost = (
        f"It will probably cost {money(estimate.likely_usd)}, between {money(estimate.low_usd)} "
        f"and {money(estimate.high_usd)}."
        if estimate
        else "Nothing is paid for: every cell exists already."
        if not preview.missing
        else "What it costs is not known."
    )
    reused = f"{counted(preview.existing, 'cell')} exist already and are not paid for again."
    return (
        cost,
        f"It waits at {money(cap)}." if cap is not None else "It has no budget of its own.",
        reused if preview.existing else "",
        "Nothing is published. You can pause it at any time, with all arms equally far.",
    )


def _go(form: str) -> None:
    st.session_state[_STARTING] = form


def _start_where_asked(app: Application, form: ExperimentForm | None) -> None:
    wanted = st.session_state.pop(_STARTING, None)
    if form is not None and wanted == form.to_json():
        with st.spinner("Pinning the repositories …"):
            _start(app, form)


def _start(app: Application, form: ExperimentForm) -> None:
    """Set it up once: the form's key makes whatever comes again the same experiment."""
    asked = form.to_json()
    known, key = st.session_state.get(_KEY, ("", ""))
    if known != asked:
        key = new_idempotency_key(app.clock.now())
        st.session_state[_KEY] = (asked, key)
    try:
        made = app.experiments.create(form.with_(idempotency_key=key), app.person)
    except CodyBatchError as error:
        st.session_state[_REFUSED] = error.message
        st.rerun()
    begin_advance(app, made.id)
    begun(app)
    forget(app)
    say_done("The experiment has begun.")
    st.switch_page(EXPERIMENT, query_params={"id": made.id})


def watch() -> None:
    """Draw the page anew once a preview or a search has ended."""
    if planning().inquiry is not None or searching().inquiry is not None:
        _watch()


@st.fragment(run_every=LOOK_AGAIN_SECONDS)
def _watch() -> None:
    under_way = [one for one in (planning().inquiry, searching().inquiry) if one is not None]
    if any(one.has_ended for one in under_way):
        st.rerun()
    for number, inquiry in enumerate(under_way):
        muted(f"experiments-progress-{number}", f"{inquiry.said} {inquiry.seconds} s")
