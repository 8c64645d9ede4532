"""Sending the request: what it may cost, the one button, the one confirmation, and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import (
    CodyBatchError,
    IdempotencyConflict,
    PolicyError,
    PullRequestIsOpen,
    UsageError,
)
from codybatch.domain.identifiers import RequestId
from codybatch.domain.requests import ExistingPullRequest
from codybatch.services.identities import new_idempotency_key
from codybatch.services.proposed import NothingToSubmit
from codybatch.services.submission_form import SubmissionForm
from codybatch.ui.components import muted, notice
from codybatch.ui.compose import session
from codybatch.ui.compose.draft import Draft
from codybatch.ui.compose.estimate import bar_as_html, cost_in_short, shown_estimate
from codybatch.ui.compose.forecasting import Forecasting, brought
from codybatch.ui.compose.form import Checked
from codybatch.ui.compose.words import WHERE_OPEN, plan, repositories
from codybatch.ui.done import say_done
from codybatch.ui.live import forget
from codybatch.ui.navigation import REQUEST
from codybatch.ui.plain_text import shown
from codybatch.ui.words import Color

CONFIRM_SECONDS = 2.0
"""How long a confirmation waits for an estimate that is being worked out."""
_REFUSED = "composing-refused"
_CONFIRMING = "composing-confirming"
_SENT = "composing-sent"
_SUBMITTING = "composing-submitting"


class RefusedBecause(StrEnum):
    """What kind of refusal it is: each has its own way on."""

    OPEN = "open"
    NOTHING_TO_DO = "nothing_to_do"
    SENT_BEFORE = "sent_before"
    POLICY = "policy"
    FAILED = "failed"


@dataclass(frozen=True)
class Refusal:
    """Why the request was not taken; the draft is as it was."""

    because: RefusedBecause
    message: str
    request: RequestId | None = None
    """Where this draft was submitted before: that request."""


@dataclass(frozen=True)
class Sent:
    """A request that was submitted, and sentences that a person has to read."""

    request: RequestId
    notices: tuple[str, ...]


def refusal_of(error: Exception, earlier: RequestId | None = None) -> Refusal:
    """An error of submitting, in words that fit the page."""
    if isinstance(error, PullRequestIsOpen):
        return Refusal(RefusedBecause.OPEN, error.found or error.message)
    if isinstance(error, NothingToSubmit):
        return Refusal(RefusedBecause.NOTHING_TO_DO, error.message)
    if isinstance(error, IdempotencyConflict):
        said = "This draft was submitted before, in another tab, and was changed since."
        return Refusal(RefusedBecause.SENT_BEFORE, said, earlier)
    if isinstance(error, PolicyError | UsageError):
        return Refusal(RefusedBecause.POLICY, error.message)
    return Refusal(RefusedBecause.FAILED, getattr(error, "message", str(error)))


_TITLES = {
    RefusedBecause.OPEN: "A pull request is open already",
    RefusedBecause.NOTHING_TO_DO: "There is nothing to do",
    RefusedBecause.SENT_BEFORE: "This was submitted before",
    RefusedBecause.POLICY: "The request was refused",
    RefusedBecause.FAILED: "The request could not be submitted",
}
_NEXT = {
    RefusedBecause.OPEN: "Nothing was submitted. Say what to do there:",
    RefusedBecause.NOTHING_TO_DO: "Choose other repositories, or open another pull request.",
    RefusedBecause.SENT_BEFORE: "Look at that request, or submit this one beside it.",
    RefusedBecause.POLICY: "Nothing was submitted, and the draft is as it was.",
    RefusedBecause.FAILED: "Submit it again: it becomes one request, however often you try.",
}


def show_estimate(app: Application, now: Forecasting) -> None:
    """What it may cost."""
    if now.forecast is None:
        title = "No estimate yet" if now.inquiry is None else "Estimating …"
        st.markdown(f":gray[**{title}**]")
        if now.why_not:
            muted("compose-no-estimate", shown(now.why_not, app.net.clean))
        return
    estimate = shown_estimate(now.forecast)
    with st.container(key="compose-old" if now.is_old else "compose-estimate", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", key="compose-amount"):
            st.text(estimate.likely)
            muted("compose-range", estimate.range)
        st.html(bar_as_html(estimate))
        muted("compose-caps", estimate.caps)
        muted("compose-basis", estimate.basis)
        for number, text in enumerate(estimate.notices):
            with st.container(key=f"compose-warning-{number}"):
                st.text(text)


def show_no_key(app: Application) -> None:
    """That nothing can run without a key of the model's service."""
    if app.settings.anthropic_api_key is None:
        notice(
            "compose-no-key",
            "yellow",
            "There is no key for the model yet",
            "Set ANTHROPIC_API_KEY and start the workbench again. The draft is kept.",
        )


def show_run(app: Application, draft: Draft, checked: Checked) -> None:
    """The one primary button, and what is missing while it cannot be pressed."""
    count = len(draft.repositories)
    with st.container(key="compose-run"):  # on a phone it stays at the lower edge
        show_refusal(app)
        st.button(
            f"Run on {repositories(count)}" if count else "Run",
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            key="run",
            shortcut="Ctrl+Enter",
            disabled=checked.form is None,
            on_click=_ask,
        )
    for number, problem in enumerate(checked.problems):
        kind = "wrong" if problem.is_wrong else "missing"
        with st.container(key=f"compose-{kind}-{number}"):
            st.text(shown(problem.text, app.net.clean))
    _submit_where_asked(app, draft, checked)
    if st.session_state.pop(_CONFIRMING, False) and checked.form is not None:
        _confirm(app, draft, checked)


def _ask() -> None:
    st.session_state[_CONFIRMING] = True
    st.session_state.pop(_REFUSED, None)


def _confirm(app: Application, draft: Draft, checked: Checked) -> None:
    count = repositories(len(draft.repositories))
    now = brought(CONFIRM_SECONDS).forecast
    about = f" for about {shown_estimate(now).likely}" if now else ""

    @st.dialog(f"Run on {count}{about}?")
    def confirm() -> None:
        st.text(cost_in_short(now, draft.options.request_cap_usd))
        for line in plan(draft, checked.kind):
            st.text(line)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Keep editing", key="keep-editing"):
                st.rerun()
            st.button(
                f"Run on {count}",
                type="primary",
                key="confirm-run",
                icon=":material/play_arrow:",
                on_click=_go,
                args=(draft.key,),
            )
        _submit_where_asked(app, draft, checked)

    confirm()


def _go(key: str) -> None:
    """Have the draft with this key submitted; a click that comes late finds another draft."""
    st.session_state[_SUBMITTING] = key


def _submit_where_asked(app: Application, draft: Draft, checked: Checked) -> None:
    if st.session_state.pop(_SUBMITTING, None) == draft.key and checked.form is not None:
        with st.spinner("Submitting …"):
            _submit(app, checked.form)


def _submit(app: Application, form: SubmissionForm) -> None:
    """Submit once: the draft's key makes whatever comes again the same request."""
    try:
        created = app.requests.submit(form)
    except (CodyBatchError, NothingToSubmit) as error:
        key = form.idempotency_key
        earlier = app.requests.submitted(form.requester, key) if key else None
        st.session_state[_REFUSED] = refusal_of(error, earlier.id if earlier else None)
        st.rerun()
    notices = app.requests.hindrances(created)
    session.begin_anew(app, has_prompts=True)
    forget(app)
    say_done("Request submitted")
    if notices:
        st.session_state[_SENT] = Sent(created.request.id, notices)
        st.rerun()
    _go_to(created.request.id)


def _go_to(request: RequestId) -> None:
    st.switch_page(REQUEST, query_params={"id": request})


def show_sent(app: Application) -> None:
    """What has to be known of a request that was just submitted, and the way to it."""
    sent: Sent | None = st.session_state.get(_SENT)
    if sent is None:
        return
    texts = (shown(text, app.net.clean) for text in sent.notices)
    notice("compose-sent", "yellow", "The request is submitted; know this of it", *texts)
    if st.button("Go to the request", key="go-to-request"):
        del st.session_state[_SENT]
        _go_to(sent.request)


def show_refusal(app: Application) -> None:
    """Why the request was not taken, and the ways on."""
    refusal: Refusal | None = st.session_state.get(_REFUSED)
    if refusal is None:
        return
    color: Color = "red" if refusal.because is RefusedBecause.FAILED else "orange"
    message = shown(refusal.message, app.net.clean)
    notice("compose-refused", color, _TITLES[refusal.because], message, _NEXT[refusal.because])
    with st.container(horizontal=True, key="compose-ways-on"):
        if refusal.because is RefusedBecause.OPEN:
            for choice in ExistingPullRequest:
                label = WHERE_OPEN[choice]
                st.button(label, key=f"open-{choice}", on_click=_choose, args=(choice,))
        if refusal.because is RefusedBecause.NOTHING_TO_DO:
            another = ExistingPullRequest.ANOTHER
            st.button(WHERE_OPEN[another], key="open-another", on_click=_choose, args=(another,))
        if refusal.because is RefusedBecause.SENT_BEFORE:
            st.button(
                "Submit as another request", key="another", on_click=_submit_beside, args=(app,)
            )
        st.button("Close", key="close-refusal", type="tertiary", on_click=_close)


def _choose(choice: ExistingPullRequest) -> None:
    """Take over what to do where one is open, and ask for the confirmation again."""
    session.change(lambda draft: draft.with_(options=draft.options.with_(existing=choice)))
    _ask()


def _submit_beside(app: Application) -> None:
    key = new_idempotency_key(app.clock.now())
    session.change(lambda draft: draft.with_(key=key))
    _ask()


def _close() -> None:
    st.session_state.pop(_REFUSED, None)
