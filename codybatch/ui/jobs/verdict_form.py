"""Judging one job: accept or reject by button or key, and what one thinks in more words.

Everything acts at once and can be undone. Keys do nothing while a field is written in, but for
those with Ctrl: Streamlit sees to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from codybatch.composition import Application, verdicts
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.findings import MAX_COMMENT, Decision, Verdict
from codybatch.domain.identifiers import JobId
from codybatch.services.wording import counted
from codybatch.ui.components import badge, muted
from codybatch.ui.done import say_done
from codybatch.ui.jobs.verdict import DECISION_BADGES, Judged
from codybatch.ui.live import forget
from codybatch.ui.plain_text import literal, shown

RATINGS = ("bad", "poor", "fair", "good", "best")
"""What 1 to 5 are called on their buttons, whose keys are the numbers."""
REASON_KEYS = "qwetyiopsdfg"
"""Of the reasons, in their order: letters that mean nothing else here. Streamlit keeps C and R."""
BUTTONS = (
    (Decision.ACCEPT, "Accept", ":material/thumb_up:", "a"),
    (Decision.REJECT, "Reject", ":material/thumb_down:", "x"),
)
_CHOSEN = ":material/check:"
_DONE = {Decision.ACCEPT: "Accepted", Decision.REJECT: "Rejected"}
_BEFORE = "jobs-verdicts-before"
_PROBLEM = "jobs-verdict-problem"


@dataclass
class Written:
    """What was chosen in the form, whether or not there is a decision yet."""

    rating: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class VerdictForm:
    """One's own verdict of a job, to give, to change and to take back."""

    app: Application
    job: JobId
    judged: Judged
    then: Callable[[], None] | None = None
    """What follows once a decision is stored."""
    is_shown: Callable[[], bool] = lambda: True
    """Whether the job is still the one that is shown: a key that comes while the page changes to
    another job is for neither of them."""
    blind_name: str = ""
    """Where prompt and model are hidden from whoever judges here: a name of the job that leads to
    none, for the page's source; empty where nothing is hidden."""

    def show(self) -> None:
        """All of it."""
        st.subheader("Verdict", anchor=False)
        self.show_standing()
        self.show_buttons()
        self.show_fields()

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
            st.text("by you, blind" if self.judged.mine.blind else "by you", width="content")
            st.button(
                "Undo",
                key="job-undo",
                type="tertiary",
                icon=":material/undo:",
                shortcut="u",
                on_click=self.undo,
            )

    def show_buttons(self) -> None:
        """Accept and reject, by button or by key."""
        mine = self.judged.mine.decision if self.judged.mine else None
        with st.container(horizontal=True, key="jobs-decide", gap="small"):
            for decision, label, icon, key in BUTTONS:
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
        written = self._written()
        st.text("Rating")
        with st.container(horizontal=True, key="jobs-ratings", gap="xsmall"):
            for number, name in enumerate(RATINGS, 1):
                chosen = written.rating == number
                self._choice(name, f"rating-{number}", str(number), chosen, self._rated, number)
        st.text("Reasons")
        with st.container(horizontal=True, key="jobs-reasons", gap="xsmall"):
            for number, reason in enumerate(self.judged.reasons):
                key = REASON_KEYS[number : number + 1] or None
                chosen = reason in written.reasons
                self._choice(literal(reason), f"reason-{number}", key, chosen, self._named, reason)
        mine = self.judged.mine
        st.text_area(
            "Comment",
            mine.comment if mine else "",
            max_chars=MAX_COMMENT,
            height=96,
            key=self._key("comment"),
            on_change=self._restate,
        )

    def undo(self) -> None:
        """Bring back the verdict before this one; where there was none, there is none again."""
        if not self.is_shown():
            return
        before: Verdict | None = st.session_state.get(_BEFORE, {}).pop(self.job, None)
        for name in ("written", "comment"):
            st.session_state.pop(self._key(name), None)
        service = verdicts(self.app)
        if before is None:
            self._told(lambda: service.withdraw(self.job, self.app.person))
        else:
            self._told(
                lambda: service.rate(
                    *(self.job, self.app.person, before.decision),
                    rating=before.rating,
                    reasons=before.reasons,
                    comment=before.comment,
                    blind=before.blind,
                )
            )

    def _choice(
        self,
        label: str,
        name: str,
        shortcut: str | None,
        chosen: bool,
        choose: Callable[..., None],
        value: int | str,
    ) -> None:
        """A button that is pressed or not."""
        st.button(
            label,
            key=f"job-{name}",
            icon=_CHOSEN if chosen else None,
            type="primary" if chosen else "secondary",
            shortcut=shortcut,
            on_click=choose,
            args=(value,),
        )

    def _written(self) -> Written:
        """What is chosen in the form; what is stored where nothing was touched."""
        mine = self.judged.mine
        stored = Written(mine.rating if mine else None, mine.reasons if mine else ())
        written: Written = st.session_state.get(self._key("written"), stored)
        return written

    def _rated(self, rating: int) -> None:
        before = self._written()
        self._write(Written(None if before.rating == rating else rating, before.reasons))

    def _named(self, reason: str) -> None:
        before = self._written()
        others = tuple(one for one in before.reasons if one != reason)
        named = before.reasons if reason in before.reasons else (*before.reasons, reason)
        self._write(Written(before.rating, others if reason in before.reasons else named))

    def _write(self, written: Written) -> None:
        if not self.is_shown():
            return
        st.session_state[self._key("written")] = written
        self._restate()

    def _decide(self, decision: Decision) -> None:
        before = self.judged.mine
        if not (self.is_shown() and self._store(decision)):
            return
        st.session_state.setdefault(_BEFORE, {})[self.job] = before
        say_done(_DONE[decision])
        if self.then:
            self.then()

    def _restate(self) -> None:
        """Store what was changed in the form, where there is a decision already."""
        if self.judged.mine is not None:
            self._store(self.judged.mine.decision)

    def _store(self, decision: Decision) -> bool:
        """Store a decision with what stands in the form; whether that worked."""
        written, mine = self._written(), self.judged.mine
        comment = st.session_state.get(self._key("comment"), mine.comment if mine else "")
        return self._told(
            lambda: verdicts(self.app).rate(
                *(self.job, self.app.person, decision),
                rating=written.rating,
                reasons=written.reasons,
                comment=comment,
                blind=bool(self.blind_name),
            )
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
        return f"job-{name}-{self.blind_name or self.job}"


def show_others(judged: Judged, *, may_ask: bool, hide: Callable[[str], str] = str) -> None:
    """What the others said beside what one said oneself: once one has judged, so that nobody
    follows another.

    Args:
        judged: all verdicts of the job.
        may_ask: whether whoever will not judge may see them all the same.
        hide: takes out what must not be told.
    """
    if not judged.others:
        return
    count = counted(len(judged.others), "other has", "others have")
    if judged.mine is None:
        muted("verdicts-hidden", f"{count} judged it; what they said is shown once you have.")
        if not (may_ask and st.button("Show it now", key="job-show-others", type="tertiary")):
            return
    with st.container(horizontal=True, key="jobs-raters", gap="small"):
        for number, one in enumerate(judged.side_by_side):
            with st.container(border=True, key=f"jobs-rater-{number}", gap="xsmall"):
                badge(one.badge)
                st.text(one.about)
                if one.reasons:
                    muted(f"verdict-reasons-{number}", hide(one.reasons))
                if one.comment:
                    st.text(hide(one.comment))
