"""The form for a new schedule: what to run, when, and by which rules."""

from __future__ import annotations

from datetime import tzinfo

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.prompts import PromptVersion, Variable, VariableType
from codybatch.domain.publication import PublishMode
from codybatch.domain.requests import ExistingPullRequest, Request
from codybatch.domain.schedules import MissedRuns, Overlap, RequestTemplate
from codybatch.services.proposed import PROPOSING
from codybatch.services.schedule_words import PUBLISHED, prompt_in_words, publication_in_words
from codybatch.ui.components import empty_state, muted, notice
from codybatch.ui.done import say_done
from codybatch.ui.live import forget
from codybatch.ui.navigation import PROMPTS, SCHEDULE
from codybatch.ui.plain_text import literal, shown, shown_on_one_line
from codybatch.ui.schedules.choices import (
    EXAMPLES,
    PromptChoice,
    RuleChoice,
    form_of,
    prompts_offered,
    requests_offered,
    template_of,
    zones_offered,
)
from codybatch.ui.schedules.preview import rule_preview
from codybatch.ui.schedules.wishes import wish, wished_for

SAVED, EARLIER = "A saved prompt", "An earlier request"
_RULE = "schedules-rule"
_MISSED = {MissedRuns.SKIP: "Leave them out", MissedRuns.RUN_ONCE: "Make up for them by one run"}
_OVERLAP = {
    Overlap.SKIP: "Leave the new run out",
    Overlap.ALLOW: "Let both run",
    Overlap.REPLACE: "Cancel the earlier one",
}
_EXISTING = {
    ExistingPullRequest.SKIP: "Leave the repository out",
    ExistingPullRequest.UPDATE: "Update it",
    ExistingPullRequest.ANOTHER: "Open another",
}


def show_form(app: Application, like: str, zone: tzinfo) -> None:
    """The whole form.

    Args:
        app: what the schedule is kept in.
        like: the id of a request to begin from, out of the address; or nothing.
        zone: of whoever looks.
    """
    prompts, earlier = prompts_offered(app), requests_offered(app, like)
    if not prompts:
        with empty_state(
            "schedules-prompts",
            "There is no prompt yet",
            "A schedule runs a saved prompt, or an earlier request again. Save one first.",
            ":material/edit_note:",
        ):
            st.page_link(PROMPTS, label="Prompts", icon=":material/edit_note:")
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("What to run", anchor=False)
        source = _ask_source(like, may_be_earlier=bool(earlier))
        template = _ask_request(app, earlier) if source == EARLIER else _ask_prompt(app, prompts)
    with right:
        st.subheader("When", anchor=False)
        choice = _ask_rule(app, zone, template)
    _show_add(app, template, choice)


def _ask_source(like: str, *, may_be_earlier: bool) -> str:
    if not may_be_earlier:
        return SAVED
    return (
        st.segmented_control(
            "Begin from",
            (SAVED, EARLIER),
            default=EARLIER if like else SAVED,
            required=True,
            key="schedules-source",
        )
        or SAVED
    )


def _ask_request(app: Application, earlier: dict[str, Request]) -> RequestTemplate:
    clean = app.net.clean

    def told(request: str) -> str:
        """Ends in its id: Streamlit 1.67 knows a choice by its label, and these must differ."""
        one = earlier[request]
        made = f"{one.created_at:%Y-%m-%d %H:%M} UTC"
        return f"{shown_on_one_line(one.title, clean, 80)} · {made} · …{request[-6:]}"

    chosen = st.selectbox("Request", list(earlier), format_func=told, key="schedules-request")
    pinned = st.toggle(
        "Stay with its version of the prompt",
        key="schedules-pinned",
        help="Otherwise each run takes the version that is the latest then.",
    )
    template = app.schedules.template_of(earlier[str(chosen)], pinned=pinned)
    with st.container(border=True, gap="xsmall", key="schedules-template"):
        st.text(shown(f"Prompt: {prompt_in_words(template)}", clean))
        st.text(shown(f"Repositories: {', '.join(template.repositories)}", clean))
        st.text(f"Publishes: {publication_in_words(template)}")
    return template


def _ask_prompt(app: Application, prompts: dict[str, PromptVersion]) -> RequestTemplate:
    names, versions = st.columns([2, 1])
    name = names.selectbox("Prompt", list(prompts), key="schedules-prompt")
    prompt = prompts[str(name)]
    version = versions.selectbox(
        "Version",
        [None, *range(prompt.number, 0, -1)],
        format_func=lambda number: f"Version {number}" if number else "Latest each time",
        key=f"schedules-version-{prompt.name}",
    )
    declared = (app.prompts.find(f"{prompt.name}@{version}") if version else prompt).declared()
    values = {one.name: _ask_variable(prompt.name, one) for one in declared}
    most = app.settings.max_repositories_per_request
    repositories = st.multiselect(
        "Repositories",
        [],
        accept_new_options=True,
        max_selections=most,
        key="schedules-repositories",
        placeholder="owner/name or owner/name@branch, then Enter",
        help=f"At most {most}; the allow-list holds each time.",
    )
    publish, existing = _ask_publication(app)
    cap = app.settings.request_cost_cap_usd
    cap_usd = st.number_input(
        "At most US dollars a run",
        min_value=0.01,
        value=float(cap) if cap is not None else None,
        step=1.0,
        key="schedules-cap",
        placeholder="No cap of its own",
    )
    chosen = PromptChoice(
        prompt=prompt.name,
        version=version,
        variables={name: value for name, value in values.items() if value},
        repositories=tuple(repositories),
        publish=publish,
        existing=existing,
        cap_usd=cap_usd,
    )
    return template_of(app, chosen)


def _ask_variable(prompt: str, variable: Variable) -> str:
    key = f"schedules-variable-{prompt}-{variable.name}"
    if variable.type in {VariableType.CHOICE, VariableType.BOOLEAN}:
        options = list(variable.choices or ("true", "false"))
        index = options.index(variable.default) if variable.default in options else None
        return st.selectbox(literal(variable.name), options, index=index, key=key) or ""
    help_text = literal(variable.description) or None
    default = variable.default or ""
    return st.text_input(literal(variable.name), default, key=key, help=help_text) or ""


def _ask_publication(app: Application) -> tuple[PublishMode, ExistingPullRequest]:
    first, second = st.columns(2)
    modes = list(PUBLISHED)
    publish = first.selectbox(
        "Publish to owned repositories",
        modes,
        index=modes.index(app.settings.publish),
        format_func=PUBLISHED.__getitem__,
        key="schedules-publish",
    )
    if publish not in PROPOSING:
        return publish, ExistingPullRequest.SKIP
    existing = second.selectbox(
        "Where its last pull request is open",
        list(_EXISTING),
        format_func=_EXISTING.__getitem__,
        key="schedules-existing",
    )
    return publish, existing


def _ask_rule(app: Application, zone: tzinfo, template: RequestTemplate) -> RuleChoice:
    st.session_state.setdefault(_RULE, EXAMPLES["Every night"])
    st.pills(
        "Examples", list(EXAMPLES), key="schedules-example", on_change=_take_example, wrap=True
    )
    rule = st.text_input(
        "Rule",
        key=_RULE,
        live="300ms",
        help="Five fields as in cron: minute, hour, day of the month, month, day of the week; "
        "or a rate, such as every 6 hours.",
    )
    zones, mine = zones_offered(), str(zone)
    time_zone = st.selectbox(
        "Time zone", zones, index=zones.index(mine) if mine in zones else 0, key="schedules-zone"
    )
    _show_meaning(app, rule or "", time_zone, zone)
    name = st.text_input(
        "Name",
        key="schedules-name",
        placeholder=template.prompt.partition("@")[0],
        max_chars=100,
    )
    missed = st.selectbox(
        "Runs that nothing was there to start",
        list(_MISSED),
        format_func=_MISSED.__getitem__,
        key="schedules-missed",
    )
    overlap = st.selectbox(
        "Where the request before has not ended",
        list(_OVERLAP),
        format_func=_OVERLAP.__getitem__,
        key="schedules-overlap",
    )
    return RuleChoice(name or "", rule or "", time_zone, missed, overlap)


def _take_example() -> None:
    if example := st.session_state.get("schedules-example"):
        st.session_state[_RULE] = EXAMPLES[example]


def _show_meaning(app: Application, rule: str, time_zone: str, zone: tzinfo) -> None:
    """What the rule means, right below it."""
    preview = rule_preview(app.schedules, rule, time_zone, app.clock.now(), zone)
    if preview.problem:
        notice(
            "schedules-rule", "red", "This is no rule yet", shown(preview.problem, app.net.clean)
        )
        return
    with st.container(border=True, key="schedules-meaning-card", gap="xsmall"):
        with st.container(key="schedules-meaning"):
            st.text(preview.words)
        muted("schedules-next", "The next five runs")
        with st.container(key="schedules-runs", gap=None):
            for due in preview.next_runs:
                st.text(due)


def _show_add(app: Application, template: RequestTemplate, choice: RuleChoice) -> None:
    """The button, and below it what was wrong."""
    wish("Add schedule", "add", ":material/add:", is_primary=True)
    if wished_for() != "add":
        return
    try:
        with st.spinner("Checking the prompt, the repositories and the model…"):
            added = app.schedules.add(form_of(template, choice), app.person)
    except CodyBatchError as error:
        said = shown(error.message, app.net.clean)
        notice("schedules-add", "red", "The schedule was not added", said)
        return
    forget(app)
    say_done("Schedule added")
    st.switch_page(SCHEDULE, query_params={"id": added.id})
