"""Judging one job: accept or reject by button or key, and what one thinks in more words.

Everything acts at once and can be undone. Keys do nothing while a field is written in: Streamlit
sees to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from codybatch.composition import Application, verdicts
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.findings import MAX_COMMENT, Decision, Verdict
from codybatch.domain.identifiers import JobId
from codybatch.ui.components import badge, muted
from codybatch.ui.done import say_done
from codybatch.ui.jobs.verdict import DECISION_BADGES, Judged, ShownVerdict
from codybatch.ui.live import forget
from codybatch.ui.plain_text import literal, shown

RATINGS = (1, 2, 3, 4, 5)
_BUTTONS = (
    (Decision.ACCEPT, "Accept", ":material/thumb_up:", "a"),
    (Decision.REJECT, "Reject", ":material/thumb_down:", "x"),
)
_DONE = {Decision.ACCEPT: "Accepted", Decision.REJECT: "Rejected"}
_BEFORE = "jobs-verdicts-before"
_PROBLEM = "jobs-verdict-problem"


@dataclass(frozen=True)
class VerdictForm:
    """One's own verdict of a job, to give, to change and to take back."""

    app: Application
    job: JobId
    judged: Judged
    then: Callable[[], None] | None = None
    """What follows once a decision is stored."""

    def show(self) -> None:
        """All of it, and the others' verdicts."""
        st.subheader("Verdict", anchor=False)
        self.show_standing()
        self.show_buttons()
        self.show_fields()
        for number, other in enumerate(self.judged.others):
            _show_other(number, other)

    def show_standing(self) -> None:
        """What one said, with a way to take it back, and what went wrong with it."""
        problem = st.session_state.pop(_PROBLEM, "")
        if problem:
            st.error("The verdict was not stored.", icon=":material/error:")
            st.text(shown(problem, self.app.net.clean))
        if self.judged.mine is None:
            muted("verdict-none", "You have not judged it.")
            return
        with st.container(horizontal=True, key="jobs-mine", vertical_alignment="center"):
            badge(DECISION_BADGES[self.judged.mine.decision])
            st.text("by you", width="content")
            st.button(
                "Undo",
                key="job-undo",
                type="tertiary",
                icon=":material/undo:",
                shortcut="u",
                on_click=self._undo,
            )

    def show_buttons(self) -> None:
        """Accept and reject, by button or by key."""
        mine = self.judged.mine.decision if self.judged.mine else None
        with st.container(horizontal=True, key="jobs-decide", gap="small"):
            for decision, label, icon, key in _BUTTONS:
                st.button(
                    label,
                    key=f"job-{decision}",
                    icon=icon,
                    shortcut=key,
                    disabled=mine is decision,
                    on_click=self._decide,
                    args=(decision,),
                )

    def show_fields(self) -> None:
        """Rating, reasons and comment; stored with the decision, and at once after it."""
        mine = self.judged.mine
        st.segmented_control(
            "Rating, 1 (bad) to 5 (good)",
            RATINGS,
            default=mine.rating if mine else None,
            key=self._key("rating"),
            on_change=self._restate,
        )
        st.pills(
            "Reasons",
            self.judged.reasons,
            selection_mode="multi",
            default=list(mine.reasons) if mine else None,
            format_func=literal,
            key=self._key("reasons"),
            wrap=True,
            on_change=self._restate,
        )
        st.text_area(
            "Comment",
            mine.comment if mine else "",
            max_chars=MAX_COMMENT,
            height=96,
            key=self._key("comment"),
            on_change=self._restate,
        )

    def _decide(self, decision: Decision) -> None:
        before = self.judged.mine
        if not self._store(decision):
            return
        st.session_state.setdefault(_BEFORE, {})[self.job] = before
        say_done(_DONE[decision])
        if self.then:
            self.then()

    def _restate(self) -> None:
        """Store what was changed in the form, where there is a decision already."""
        if self.judged.mine is not None:
            self._store(self.judged.mine.decision)

    def _undo(self) -> None:
        """Bring back the verdict before this one; where there was none, there is none again."""
        before: Verdict | None = st.session_state.get(_BEFORE, {}).pop(self.job, None)
        for name in ("rating", "reasons", "comment"):
            st.session_state.pop(self._key(name), None)
        service = verdicts(self.app)
        if before is None:
            self._told(lambda: service.withdraw(self.job, self.app.person))
        else:
            self._told(lambda: self._rate(before.decision, before))

    def _store(self, decision: Decision) -> bool:
        """Store a decision with what stands in the form; whether that worked."""
        return self._told(lambda: self._rate(decision, self.judged.mine, written=True))

    def _rate(self, decision: Decision, stored: Verdict | None, *, written: bool = False) -> None:
        """Store a verdict: what is written in the form, else what was stored before."""
        form = st.session_state if written else {}
        rating = form.get(self._key("rating"), stored.rating if stored else None)
        reasons = form.get(self._key("reasons"), stored.reasons if stored else ())
        comment = form.get(self._key("comment"), stored.comment if stored else "")
        verdicts(self.app).rate(
            *(self.job, self.app.person, decision),
            rating=rating,
            reasons=reasons,
            comment=comment,
        )

    def _told(self, act: Callable[[], object]) -> bool:
        """Do something; what a service refuses is kept until the page is drawn."""
        try:
            act()
        except CodyBatchError as error:
            st.session_state[_PROBLEM] = error.message
            return False
        finally:
            forget(self.app)
        return True

    def _key(self, name: str) -> str:
        return f"job-{name}-{self.job}"


def _show_other(number: int, other: ShownVerdict) -> None:
    with st.container(key=f"jobs-verdict-{number}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            badge(other.badge)
            st.text(other.about)
        if other.reasons:
            muted(f"verdict-reasons-{number}", other.reasons)
        if other.comment:
            st.text(other.comment)
