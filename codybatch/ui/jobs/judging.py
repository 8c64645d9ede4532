"""The judging queue's page, from its view models to widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import NotFound, UsageError
from codybatch.domain.identifiers import JobId
from codybatch.services.blind import Mask, Reveals, Telling, place_name, seed_of, telling
from codybatch.services.to_judge import Line, ToJudge
from codybatch.ui.components import Crumb, muted, notice, page_header
from codybatch.ui.errands import the_errands
from codybatch.ui.jobs.finished import show_end
from codybatch.ui.jobs.judged_job import show_blind, show_facts, show_named, show_revealed
from codybatch.ui.jobs.keys import listen, show_keys
from codybatch.ui.jobs.queue import Queue
from codybatch.ui.jobs.verdict_form import VerdictForm, show_others
from codybatch.ui.jobs.view import JobView, job_view
from codybatch.ui.navigation import JOBS, seen
from codybatch.ui.questions import open_question
from codybatch.ui.workbench import time_zone

_YES = frozenset({"1", "yes", "true"})
BLIND = (
    "Blind: prompt, model, cost and request are hidden. Once a job is judged, what made it can be "
    "shown."
)


@dataclass(frozen=True)
class Asked:
    """What an address of the page asks for."""

    experiment: str = ""
    request: str = ""
    blind: bool = False
    raters: int | None = None
    job: str = ""
    """By its id."""
    at: str = ""
    """Blind: by the name of its place, which leads to no job."""

    @classmethod
    def of(cls, address: Mapping[str, str]) -> Asked:
        """Read an address.

        Raises:
            UsageError: ``raters`` is no number.
        """
        raters = address.get("raters", "")
        if raters and not (raters.isascii() and raters.isdigit() and len(raters) < 4):
            raise UsageError(f"How many raters a job wants is a number, not {raters!r}.")
        return cls(
            experiment=address.get("experiment", ""),
            request=address.get("request", ""),
            blind=address.get("blind", "").casefold() in _YES,
            raters=int(raters) if raters else None,
            job=address.get("job", ""),
            at=address.get("at", ""),
        )


class Judging:
    """One session's way through a queue."""

    def __init__(self, app: Application, asked: Asked) -> None:
        """Go on where the session is, or begin.

        Args:
            app: where jobs come from.
            asked: whose jobs, how, and where to begin.

        Raises:
            UnknownIdentifier, UsageError: what is asked for cannot be.
            NotFound, UnknownExperiment: there is no such thing.
        """
        self._app = app
        self._asked = asked
        self._to_judge = ToJudge(app.store.records)
        self._scope = self._to_judge.scope(asked.experiment, asked.request)
        self._seed = seed_of(app.person, self._scope.name)
        if self._key not in st.session_state:
            self._begin()
        elif self._queue.current is None:
            self._go_on(self._line())

    def show(self) -> None:
        """The job whose turn it is."""
        view = self._view()
        queue = self._queue
        with page_header("Judge", Crumb("Jobs", JOBS, seen(JOBS)), meta=self._about()):
            self._show_steps(queue)
        if queue.current is None:
            for name in ("job", "at"):
                st.query_params.pop(name, None)
            show_end(self._app, self._scope, queue, self._move, blind=self._asked.blind)
            return
        self._remember_place(queue.current)
        st.progress(queue.share, text=queue.progress)
        if view is None:
            notice("gone", "orange", "This job is not there any more", "Go on with the next one.")
        else:
            self._show_job(view)

    def _view(self) -> JobView | None:
        """The job whose turn it is; None where it is not there, or all were shown."""
        job = self._queue.current
        if job is None:
            return None
        try:
            view = job_view(self._app, the_errands(self._app), job, time_zone())
        except NotFound:
            return None
        is_judged = view.judged.mine is not None  # also by another tab
        self._queue = self._queue.with_judged(job, judged=is_judged)
        return view

    # the queue

    @property
    def _key(self) -> str:
        blind = "blind" if self._asked.blind else "named"
        return f"jobs-queue-{self._scope.name or 'all'}-{blind}-{self._asked.raters}"

    @property
    def _queue(self) -> Queue:
        queue: Queue = st.session_state[self._key]
        return queue

    @_queue.setter
    def _queue(self, queue: Queue) -> None:
        st.session_state[self._key] = queue

    @property
    def _telling(self) -> Telling:
        what: Telling = st.session_state.get(f"{self._key}-telling", Telling())
        return what

    def _line(self) -> Line:
        return self._to_judge.line(
            *(self._scope, self._app.person),
            blind=self._asked.blind,
            raters=self._asked.raters,
        )

    def _begin(self) -> None:
        line = self._line()
        queue = Queue(others=len(line.raters - {self._app.person})).with_more(line).begun()
        self._queue = queue.at(self._named_place(queue))
        self._tell(line)

    def _go_on(self, line: Line) -> None:
        self._queue = self._queue.with_more(line)
        self._tell(line)

    def _tell(self, line: Line) -> None:
        if self._asked.blind:
            st.session_state[f"{self._key}-telling"] = telling(line.jobs)

    def _named_place(self, queue: Queue) -> JobId | None:
        """The job that the address names, by its id or by the name of its place."""
        for job in queue.ids:
            if self._asked.blind and place_name(self._seed, job) == self._asked.at:
                return job
            if not self._asked.blind and job == self._asked.job:
                return job
        return None

    def _remember_place(self, job: JobId) -> None:
        if self._asked.blind:
            st.query_params["at"] = place_name(self._seed, job)
            st.query_params.pop("job", None)
        else:
            st.query_params["job"] = job

    # moving

    def _move(self, how: Callable[[Queue], Queue]) -> None:
        self._queue = how(self._queue)

    def _decided(self, job: JobId) -> None:
        st.session_state[f"{self._key}-last"] = job
        self._queue = self._queue.with_judged(job).onward()

    def _kept(self, job: JobId) -> None:
        """Go on from a job that is judged; the comment was stored as its field was left."""
        if job in self._queue.judged:
            self._move(Queue.next)
        else:
            st.session_state[f"{self._key}-undecided"] = True

    def _undo_last(self, job: JobId) -> None:
        """Go back to the job that was judged last, and take that verdict back."""
        self._queue = self._queue.at(job)
        view = job_view(self._app, the_errands(self._app), job, time_zone())
        self._form(view).undo()
        st.session_state.pop(f"{self._key}-last", None)

    # drawing

    def _about(self) -> str:
        return BLIND if self._asked.blind else ""

    def _show_steps(self, queue: Queue) -> None:
        if queue.current is None:
            return
        last: JobId | None = st.session_state.get(f"{self._key}-last")
        if last and last in queue.ids and queue.current not in queue.judged:
            st.button(
                "Undo the last",
                key="judge-undo",
                type="tertiary",
                icon=":material/undo:",
                shortcut="u",
                on_click=self._undo_last,
                args=(last,),
            )
        st.button(
            "Previous",
            key="judge-previous",
            icon=":material/chevron_left:",
            shortcut="k",
            disabled=queue.place == 0,
            on_click=self._move,
            args=(Queue.previous,),
        )
        st.button(
            "Next" if queue.current in queue.judged else "Skip",
            key="judge-next",
            icon=":material/chevron_right:",
            shortcut="j",
            on_click=self._move,
            args=(Queue.next,),
        )

    def _show_job(self, view: JobView) -> None:
        blind = self._asked.blind
        hide = Mask(self._telling).hide if blind else str
        wide, narrow = st.columns([5, 2], gap="medium")
        with wide:
            if view.judged.mine is not None:
                show_others(view.judged, may_ask=False, hide=hide)
            if blind:
                show_blind(self._app, view, self._telling)
            else:
                show_named(self._app, view)
        with narrow:
            self._show_verdict(view)
            if view.judged.mine is None:
                show_others(view.judged, may_ask=False, hide=hide)
            show_facts(view, blind=blind)
            self._show_ways(view)

    def _show_verdict(self, view: JobView) -> None:
        if self._asked.blind and self._has_seen(view):
            st.subheader("Verdict", anchor=False)
            muted("judged-seen", "You know what made this one, so it is not judged blind any more.")
            show_revealed(view, self._arm(view), self._app.net.clean)
            return
        form = self._form(view)
        form.show()
        st.button(
            "Keep and go on",
            key="judge-keep",
            type="tertiary",
            shortcut="Ctrl+Enter",
            on_click=self._kept,
            args=(view.job.id,),
        )
        if st.session_state.pop(f"{self._key}-undecided", False):
            st.warning("Accept or reject it first.", icon=":material/thumbs_up_down:")
        if self._asked.blind and view.judged.mine is not None:
            st.button(
                "Show what made it",
                key="judge-reveal",
                icon=":material/visibility:",
                help="You cannot change this verdict blind afterwards.",
                on_click=Reveals(self._app.store.records).note,
                args=(self._app.person, view.job.id),
            )

    def _form(self, view: JobView) -> VerdictForm:
        job = view.job.id
        return VerdictForm(
            *(self._app, job, view.judged),
            then=partial(self._decided, job),
            is_shown=lambda: self._queue.current == job,
            blind_name=place_name(self._seed, job) if self._asked.blind else "",
        )

    def _has_seen(self, view: JobView) -> bool:
        mine = view.judged.mine
        if mine is not None and not mine.blind:
            return True
        return Reveals(self._app.store.records).has_seen(self._app.person, view.job.id)

    def _arm(self, view: JobView) -> str:
        cell = view.job.cell
        if self._scope.experiment is None or cell is None:
            return ""
        arms = self._app.store.records.experiment(self._scope.experiment).arms
        return next((arm.name for arm in arms if arm.key == cell.arm), "")

    def _show_ways(self, view: JobView) -> None:
        """The list of keys, and other ways to go through the jobs."""
        listen()
        with st.container(horizontal=True, key="jobs-judge-ways"):
            if st.button(
                "Keys", key="judge-keys", type="tertiary", icon=":material/keyboard:", shortcut="h"
            ):
                open_question(partial(show_keys, view.judged.reasons))
            if self._scope.name and not self._asked.blind:
                st.button(
                    "Judge blind",
                    key="judge-blind",
                    type="tertiary",
                    icon=":material/visibility_off:",
                    on_click=self._ask_for,
                    args=("blind", "1"),
                )
        if self._scope.name:
            st.selectbox(
                "Which jobs",
                wanted := sorted({0, 1, 2, 3, self._asked.raters or 0}),
                index=wanted.index(self._asked.raters or 0),
                format_func=_which,
                key="judge-raters",
                on_change=self._choose_raters,
            )

    def _choose_raters(self) -> None:
        self._ask_for("raters", str(st.session_state["judge-raters"] or ""))

    def _ask_for(self, name: str, value: str) -> None:
        """Show the same jobs in another way: the address of this page says how."""
        for place in ("job", "at"):
            st.query_params.pop(place, None)
        st.query_params[name] = value


def _which(raters: int) -> str:
    """Which jobs stand in the queue, by how many raters a job wants; 0 for any number."""
    if raters == 0:
        return "All I have not judged"
    return "Those nobody else judged" if raters == 1 else f"Those with fewer than {raters} raters"
