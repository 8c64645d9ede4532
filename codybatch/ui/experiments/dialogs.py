"""The questions before an act on an experiment: what it does and what it may cost."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.experiments import Experiment, ExperimentState, Metric
from codybatch.domain.identifiers import ExperimentId
from codybatch.services.experiment_growth import Addition
from codybatch.services.experiment_preview import Preview
from codybatch.services.wording import counted, money
from codybatch.ui.acts import Question, answered, confirm, refused, tell
from codybatch.ui.done import say_done
from codybatch.ui.experiments.acts import ExperimentAct
from codybatch.ui.experiments.adding import (
    Add,
    ask_arm,
    ask_equal_arm,
    ask_repetitions,
    ask_repositories,
    cost_of,
)
from codybatch.ui.experiments.deeds import begin_advance
from codybatch.ui.experiments.reports import the_reports
from codybatch.ui.experiments.view import ExperimentView
from codybatch.ui.experiments.words import METRICS
from codybatch.ui.live import forget
from codybatch.ui.navigation import EXPERIMENTS
from codybatch.ui.plain_text import literal, shown_on_one_line
from codybatch.ui.questions import close_question


def ask(app: Application, view: ExperimentView, act: ExperimentAct) -> None:
    """Open the dialog of an act."""
    _ASK[act](app, view)


def ask_cancel(app: Application, view: ExperimentView) -> None:
    """Before what runs is cancelled."""
    running, done = view.counts.running, view.counts.done
    question = Question(
        title=f"Cancel {counted(running, 'running job')} of “{view.name}”?",
        told=(
            "They stop within seconds, and nothing more is submitted. What they did is kept.",
            f"{counted(done, 'result stays', 'results stay')}. “Resume” and “Retry failed” go on.",
        ),
        act=f"Cancel {counted(running, 'job')}" if running else "Cancel",
        keep="Keep running",
        done="The experiment is cancelled.",
    )
    confirm(app, question, lambda: app.experiments.cancel(view.experiment.id, app.person))


def ask_retry(app: Application, view: ExperimentView) -> None:
    """Before cells that came to nothing are made again."""
    counts = view.counts
    nothing = counts.failed + counts.cancelled + counts.unavailable
    question = Question(
        title=f"Make {counted(nothing, 'cell')} again?",
        told=(
            "Those that failed, were cancelled, or whose repository could not be worked on.",
            "They are paid for like new ones; the first attempts stay in the records.",
        ),
        act=f"Retry {counted(nothing, 'cell')}",
        keep="Not now",
        done="The cells are made again.",
        is_loss=False,
    )
    confirm(app, question, _going_on(app, view, app.experiments.retry_failed))


def ask_remove(app: Application, view: ExperimentView) -> None:
    """Before an experiment is removed."""
    question = Question(
        title=f"Remove “{view.name}”?",
        told=(
            "The experiment and its comparison are gone.",
            "Its requests, jobs and verdicts stay.",
        ),
        act="Remove the experiment",
        keep="Keep it",
        done="The experiment is removed.",
    )

    def remove() -> None:
        app.experiments.remove(view.experiment.id)
        forget(app)
        close_question()
        say_done("The experiment is removed.")
        st.switch_page(EXPERIMENTS)

    confirm(app, question, remove)


def ask_metric(app: Application, view: ExperimentView) -> None:
    """Which metric is to decide instead, with a warning where results are there."""
    one = view.experiment

    @st.dialog("Change what decides?", on_dismiss=close_question)
    def dialog() -> None:
        others = [metric for metric in Metric if metric is not one.metric]
        chosen = st.selectbox(
            "What decides", others, key="experiments-metric", format_func=METRICS.__getitem__
        )
        if view.counts.done:
            st.warning(
                "Results are there already. A metric that is chosen after them decides nothing: "
                "the report says so.",
                icon=":material/warning:",
            )
        if answered("Change it", "experiments-metric"):
            metric = Metric(str(chosen))
            _do(app, view, lambda it: app.experiments.change_metric(it, metric), goes_on=False)

    dialog()


def ask_baseline(app: Application, view: ExperimentView) -> None:
    """Which arm the others are to be compared with."""
    one, clean = view.experiment, app.net.clean

    @st.dialog("Change the baseline?", on_dismiss=close_question)
    def dialog() -> None:
        others = [arm.name for arm in one.arms if arm.name != one.baseline]
        chosen = st.selectbox(
            "Compare with",
            others,
            key="experiments-baseline",
            format_func=lambda name: shown_on_one_line(name, clean),
        )
        if answered("Change it", "experiments-baseline"):
            _do(app, view, lambda it: app.experiments.set_baseline(it, str(chosen)), goes_on=False)

    dialog()


def ask_budget(app: Application, view: ExperimentView) -> None:
    """Another budget for all of it."""
    one = view.experiment
    held = one.spent_usd + one.reserved_usd

    @st.dialog(literal(f"Raise the budget of “{view.name}”?"), on_dismiss=close_question)
    def dialog() -> None:
        cap = money(one.budget_usd) if one.budget_usd is not None else "no budget"
        tell((f"{money(held)} of {cap} are spent or set aside.", *cost_of(_left(app, one))))
        lowest = max(float(held), 0.01)
        before = float(one.budget_usd) if one.budget_usd is not None else lowest
        wanted = st.number_input(
            "New budget for all of it (US dollars)",
            min_value=lowest,
            value=max(before * 2, lowest, 1.0),
            step=1.0,
            format="%.2f",
            key="experiments-budget",
        )
        if answered(f"Set it to ${wanted:,.2f}", "experiments-budget"):
            amount = Decimal(f"{wanted:.2f}")
            _do(app, view, lambda it: app.experiments.raise_budget(it, amount))

    dialog()


def _left(app: Application, one: Experiment) -> Preview:
    return app.experiments.preview_of(one.with_(budget_usd=None))


def at_once(app: Application, view: ExperimentView, act: ExperimentAct) -> None:
    """Pause or resume without a question: nothing is lost by either."""
    if act is ExperimentAct.PAUSE:
        app.experiments.pause(view.experiment.id)
    else:
        _going_on(app, view, app.experiments.resume)()
    forget(app)
    say_done("Experiment paused" if act is ExperimentAct.PAUSE else "Experiment resumed")
    st.rerun()


def _do(
    app: Application,
    view: ExperimentView,
    change: Callable[[ExperimentId], object],
    *,
    goes_on: bool = True,
) -> None:
    """Do what a dialog asked about, and show the page with it."""
    act = _going_on(app, view, change)
    try:
        act() if goes_on else change(view.experiment.id)
    except CodyBatchError as error:
        refused(app, error)
        return
    finally:
        forget(app)
    the_reports(app).forget(view.experiment.id)
    say_done("The experiment is changed.")
    close_question()
    st.rerun()


def _going_on(
    app: Application, view: ExperimentView, change: Callable[[ExperimentId], object]
) -> Callable[[], None]:
    """A change, after which the experiment submits what comes next."""

    def act() -> None:
        change(view.experiment.id)
        if app.store.records.experiment(view.experiment.id).state is ExperimentState.RUNNING:
            begin_advance(app, view.experiment.id)

    return act


def _adding(
    ask_what: Callable[[Application, Experiment, Add], None],
) -> Callable[[Application, ExperimentView], None]:
    """A dialog that adds something."""

    def ask_it(app: Application, view: ExperimentView) -> None:
        def add(addition: Addition) -> None:
            _do(app, view, lambda it: app.experiments.add(it, addition))

        ask_what(app, view.experiment, add)

    return ask_it


_ASK: dict[ExperimentAct, Callable[[Application, ExperimentView], None]] = {
    ExperimentAct.CANCEL: ask_cancel,
    ExperimentAct.RETRY: ask_retry,
    ExperimentAct.RAISE_BUDGET: ask_budget,
    ExperimentAct.CHANGE_BUDGET: ask_budget,
    ExperimentAct.ADD_ARM: _adding(ask_arm),
    ExperimentAct.ADD_REPOSITORIES: _adding(ask_repositories),
    ExperimentAct.ADD_REPETITIONS: _adding(ask_repetitions),
    ExperimentAct.ADD_EQUAL_ARM: _adding(ask_equal_arm),
    ExperimentAct.CHANGE_METRIC: ask_metric,
    ExperimentAct.CHANGE_BASELINE: ask_baseline,
    ExperimentAct.REMOVE: ask_remove,
}
