"""The tab Verdicts: who judged how much, how far raters agree, and the way to judge blind."""

from __future__ import annotations

import streamlit as st

from codybatch.analysis.agreement import measures_in_sentences
from codybatch.analysis.report.contents import RaterAgreement, RaterPair, Report
from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.kappa import Kappa
from codybatch.analysis.statistics.sentences import signed
from codybatch.domain.identifiers import ExperimentId
from codybatch.services.wording import counted
from codybatch.ui.components import empty_state, facts, muted
from codybatch.ui.experiments.numbers import UNKNOWN
from codybatch.ui.experiments.result import table
from codybatch.ui.navigation import JUDGE
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line


def unjudged(report: Report) -> int:
    """Jobs that ended with a result and have no verdict."""
    return sum(arm.health.unjudged for arm in report.arms)


def show_judge_button(experiment: ExperimentId, left: int, key: str, *, primary: bool) -> None:
    """The way into the queue, where prompt and model are hidden."""
    pressed = st.button(
        f"Judge {counted(left, 'job')} blind" if left else "Judge blind, too",
        key=key,
        icon=":material/thumbs_up_down:",
        type="primary" if primary else "secondary",
        help="Prompt and model are hidden, the order is shuffled, and what others said is shown "
        "once you have judged.",
    )
    if pressed:
        st.switch_page(JUDGE, query_params={"experiment": experiment, "blind": "1"})


def show_raters(report: Report, clean: Clean) -> None:
    """The whole tab."""
    raters, left = report.raters, unjudged(report)
    if report.experiment and (left or raters.verdicts):
        show_judge_button(report.experiment, left, "experiments-judge-here", primary=False)
    if not raters.verdicts:
        said = "Accept or reject results, or let several people do it, to see which arm is better."
        empty_state("raters", "Nobody has judged a result yet", said, ":material/thumbs_up_down:")
        return
    facts("raters", facts_of(raters, left))
    _show_agreement(raters, clean)
    _show_pairs(raters, clean)


def facts_of(raters: RaterAgreement, left: int) -> list[tuple[str, str]]:
    """The strip of numbers."""
    return [
        ("Raters", str(len(raters.raters))),
        ("Verdicts", f"{raters.verdicts:,}"),
        ("Blind", f"{raters.blind:,} of {raters.verdicts:,}"),
        ("Jobs judged", f"{raters.judged:,}"),
        ("Not judged yet", f"{left:,}"),
        ("By several", f"{raters.by_several:,}"),
        ("Raters disagree", f"{raters.differ:,}"),
        ("Of these tied", f"{raters.disputed:,}"),
    ]


def _show_agreement(raters: RaterAgreement, clean: Clean) -> None:
    st.subheader("How far they agree", anchor=False)
    names = ", ".join(shown_on_one_line(one, clean) for one in raters.raters)
    muted("experiments-raters", names)
    if len(raters.raters) < 2:
        st.text("One person judged: whether others would say the same cannot be said.")
        return
    told = measures_in_sentences(raters.decisions, raters.ratings, repeats=raters.repeats)
    for sentence in told:
        st.text(shown(sentence, clean))


def _show_pairs(raters: RaterAgreement, clean: Clean) -> None:
    if not raters.pairs:
        return
    headings = ("Two raters", "Jobs that both judged", "Kappa, decisions", "Kappa, ratings")
    st.html(table("raters", headings, [_row(one, clean) for one in raters.pairs]))
    muted("experiments-kappa", "Kappa: 1 is perfect agreement, 0 what chance gives.")


def _row(pair: RaterPair, clean: Clean) -> tuple[str, ...]:
    both = " and ".join(shown_on_one_line(one, clean) for one in (pair.one, pair.other))
    return both, str(pair.both), _kappa(pair.decisions), _kappa(pair.ratings)


def _kappa(kappa: Kappa | CannotBeSaid) -> str:
    return UNKNOWN if isinstance(kappa, CannotBeSaid) else signed(kappa.value, 2)
