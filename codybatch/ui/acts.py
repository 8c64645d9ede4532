"""Acts that lose something or cost something: asked by name first, and told once they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.ui.done import say_done
from codybatch.ui.live import forget
from codybatch.ui.plain_text import literal, shown
from codybatch.ui.questions import close_question


@dataclass(frozen=True)
class Question:
    """What is asked before an act.

    Args:
        title: asks, and names it, in anybody's words: "Cancel 2 running jobs?".
        told: sentences: what stops, what stays, what was spent.
        act: what the button does: "Cancel 2 jobs".
        keep: what the other button does: "Keep running".
        done: what is said afterwards, in six words at most: "2 jobs cancelled".
        is_loss: whether something is lost: then the button is red.
    """

    title: str
    told: tuple[str, ...]
    act: str
    keep: str
    done: str
    is_loss: bool = True


def confirm(app: Application, question: Question, act: Callable[[], object]) -> None:
    """Ask in a dialog; then ``act``, say that it is done and show the page anew.

    An act that fails keeps the dialog open and says there what was wrong.

    Args:
        app: what is changed.
        question: what is asked.
        act: the change, by ids: services read the state anew.
    """

    @st.dialog(literal(app.net.clean(question.title)), on_dismiss=close_question)
    def ask() -> None:
        tell(question.told)
        if answered(question.act, "ask", keep=question.keep, is_loss=question.is_loss):
            _do(app, question, act)

    ask()


def _do(app: Application, question: Question, act: Callable[[], object]) -> None:
    try:
        act()
    except CodyBatchError as error:
        refused(app, error)
        return
    finally:
        forget(app)
    say_done(question.done)
    close_question()
    st.rerun()


def tell(sentences: Iterable[str]) -> None:
    """Say in a dialog what its act does, a sentence a line."""
    for sentence in filter(None, sentences):
        st.text(sentence)


def answered(
    act: str, key: str, *, keep: str = "Not now", enabled: bool = True, is_loss: bool = False
) -> bool:
    """The end of a dialog: the way back and the way on; whether the way on was taken.

    Args:
        act: what the way on does: "Cancel 2 jobs".
        key: of the dialog, once in the workbench; the buttons' keys go by it.
        keep: what the way back does.
        enabled: whether the way on is open.
        is_loss: whether something is lost: then the button is red.
    """
    name = "danger" if is_loss else "go"
    with st.container(horizontal=True, horizontal_alignment="right", key=f"ask-{name}"):
        if st.button(keep, key=f"{key}-keep"):
            close_question()
            st.rerun()
        return st.button(act, key=f"{key}-act", type="primary", disabled=not enabled)


def refused(app: Application, error: CodyBatchError) -> None:
    """Say in a dialog that its act did not work, and why."""
    st.error("That did not work.", icon=":material/error:")
    st.text(shown(error.message, app.net.clean))
