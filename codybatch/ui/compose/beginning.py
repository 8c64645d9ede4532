"""How composing begins: with the draft that was kept, and with what the address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError, NotFound, UnknownIdentifier
from codybatch.domain.identifiers import job_id, request_id
from codybatch.domain.jobs import Job
from codybatch.domain.publication import PublishMode
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.requests import Request
from codybatch.services.identities import new_idempotency_key
from codybatch.services.starters import starter_named
from codybatch.services.submission_form import title_of
from codybatch.ui.components import notice
from codybatch.ui.compose import session
from codybatch.ui.compose.draft import (
    ChosenRepository,
    Draft,
    PromptSource,
    WrittenOptions,
    options_by,
)
from codybatch.ui.compose.library import Library
from codybatch.ui.live import forget
from codybatch.ui.plain_text import shown

_ASKED = ("from", "prompt", "starter", "repository", "try")
"""What the address may ask for; it is taken out of there once it is done."""
_NOT_DONE = "composing-not-begun"
TRIED_FOR = Decimal("0.50")
"""US dollars that trying a prompt out may cost, unless a smaller cap is preferred."""


def begin(app: Application, library: Library) -> Draft:
    """The draft as it stands when the page is drawn."""
    if session.has_begun():
        session.read_widgets()
    else:
        session.open_draft(app, has_prompts=not library.is_empty)
    asked = {name: st.query_params[name] for name in _ASKED if name in st.query_params}
    if asked:
        for name in asked:
            del st.query_params[name]
        _begin_with(app, asked)
    return session.current()


def _begin_with(app: Application, asked: Mapping[str, str]) -> None:
    before = session.current()
    try:
        draft = begun_with(app, before, asked)
    except CodyBatchError as error:
        st.session_state[_NOT_DONE] = error.message
        return
    note = "Your earlier draft was put aside." if "from" in asked else ""
    session.replace(draft, note)
    if "starter" in asked:  # the library that this page was begun with lacks it
        forget(app)
        st.rerun()


def begun_with(app: Application, draft: Draft, asked: Mapping[str, str]) -> Draft:
    """A draft with what the address asks for.

    Args:
        app: knows the earlier requests and the prompts.
        draft: what there is.
        asked: ``from`` is a request or a job to use again, ``prompt`` a saved prompt
            (``name`` or ``name@3``), ``starter`` one that ships with the package and is saved in
            the library, ``repository`` one to choose, ``try`` that nothing is published and
            little spent.

    Raises:
        UnknownIdentifier, NotFound, UnknownPrompt, InvalidRepository: there is no such thing.
    """
    if "from" in asked:
        draft = used_again(app, asked["from"])
    if "prompt" in asked:
        found = app.prompts.find(asked["prompt"])
        draft = draft.with_(
            source=PromptSource.SAVED,
            prompt=found.name,
            version=found.number if "@" in asked["prompt"] else None,
        )
    if "starter" in asked:
        saved = app.prompts.save(starter_named(asked["starter"]), app.person)
        draft = draft.with_(source=PromptSource.SAVED, prompt=saved.name, version=None)
    if "repository" in asked:
        ref = RepositoryRef.parse(asked["repository"], app.requests.intake.policy.host)
        draft = draft.with_repositories([ChosenRepository(repository=ref)])
    if "try" in asked:
        draft = draft.with_(options=tried_out(draft.options))
    return draft


def tried_out(options: WrittenOptions) -> WrittenOptions:
    """Options of a first try: nothing is published, and no more is spent than a look is worth."""
    caps = (options.job_cap_usd, options.request_cap_usd)
    job_cap, request_cap = (min(TRIED_FOR, cap if cap is not None else TRIED_FOR) for cap in caps)
    return options.with_(
        publish=PublishMode.NONE,
        rehearse=False,
        job_cap_usd=job_cap,
        request_cap_usd=max(job_cap, request_cap),
    )


def used_again(app: Application, written: str) -> Draft:
    """A new draft that asks for what an earlier request asked for, or for one of its jobs.

    Raises:
        UnknownIdentifier, NotFound: there is no such request or job.
    """
    job = _job(app, written)
    request = app.requests.find(job.request if job else request_id(written))
    refs = _repositories(request, job)
    derived = request.title == title_of(request.prompt_text)
    options = options_by(request.options, request.budget.cap_usd)
    return Draft(
        source=PromptSource.SAVED,
        prompt=request.prompt.name,
        version=request.prompt.version,
        values=dict(request.variables),
        repositories=tuple(ChosenRepository(repository=ref) for ref in refs),
        options=options.with_(title="" if derived else request.title),
        key=new_idempotency_key(app.clock.now()),
    )


def _job(app: Application, written: str) -> Job | None:
    try:
        return app.jobs.find(job_id(written))
    except (UnknownIdentifier, NotFound):
        return None


def _repositories(request: Request, job: Job | None) -> tuple[RepositoryRef, ...]:
    """As they were asked for, with their refs."""
    asked = (*request.repositories, *(one.repository for one in request.skipped))
    if job is None:
        return asked
    mine = [ref for ref in asked if ref.full_name.lower() == job.repository.full_name.lower()]
    return tuple(mine) or (job.repository,)


def show_notes(app: Application, library: Library) -> None:
    """What happened to the draft, and the ways from there."""
    if problem := st.session_state.pop(_NOT_DONE, ""):
        said = shown(problem, app.net.clean)
        notice("compose-not-begun", "orange", "This could not be used again", said)
    if session.not_kept():
        _show_not_kept(app, library)
    if note := session.put_aside():
        with st.container(horizontal=True, vertical_alignment="center", key="compose-aside"):
            st.text(note)
            st.button("Undo", icon=":material/undo:", on_click=session.bring_back)


def _show_not_kept(app: Application, library: Library) -> None:
    why = session.not_kept()
    if why != session.ELSEWHERE:
        notice("compose-not-kept", "orange", "This draft is not kept", shown(why, app.net.clean))
        return
    told = "It was changed, submitted or cleared there. What this tab shows is not kept any more."
    notice("compose-elsewhere", "yellow", "This draft is open in another tab, too", told)
    with st.container(horizontal=True, key="compose-which"):
        st.button("Show what is kept", on_click=_take_the_other, args=(app, library))
        st.button("Keep what is here", on_click=_keep_mine, args=(app,))


def _take_the_other(app: Application, library: Library) -> None:
    session.open_draft(app, has_prompts=not library.is_empty)


def _keep_mine(app: Application) -> None:
    session.read_widgets()
    session.keep_mine(app)


def ask_to_clear(app: Application, draft: Draft, library: Library) -> None:
    """The way to an empty draft."""
    st.button(
        "Clear draft",
        icon=":material/delete_sweep:",
        type="tertiary",
        disabled=draft.is_blank,
        on_click=_clear,
        args=(app, library),
    )


def _clear(app: Application, library: Library) -> None:
    session.read_widgets()
    session.begin_anew(app, "The draft was cleared.", has_prompts=not library.is_empty)
