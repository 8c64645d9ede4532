"""The pages of experiments in each of their states."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.experiments import ExperimentState, Metric
from codybatch.domain.prompts import PromptDraft
from codybatch.ui.live import forget
from codybatch.ui.workbench import the_application
from tests.contracts.examples import ALICE, NOON
from tests.experiment_gallery import an_ended_experiment
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import links, parameters, question, rows, said, texts
from tests.ui_kit import AWKWARD, SECRET, Gallery

PATIENCE_SECONDS = 60


def until(page: AppTest, holds: Callable[[AppTest], bool]) -> AppTest:
    """The page, run again as its live part would be, until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds(page):
        assert time.monotonic() < deadline, said(page)
        forget(the_application())
        page.run()
    assert not page.exception
    return page


def is_worked_out(page: AppTest) -> bool:
    """Whether the open tab shows what came of it."""
    told = said(page)
    return "being worked out" not in told and "could not be shown" not in told


def html(page: AppTest) -> str:
    """The markup that the page holds beside its widgets, without the style sheets."""
    bodies = (one.proto.body for one in page.get("html"))
    return "\n".join(body for body in bodies if not body.startswith("<style"))


def test_an_empty_list_leads_to_the_first_experiment(open_page: OpenPage) -> None:
    page = open_page("experiments")

    assert not page.exception
    assert "**No experiments yet**" in [one.value for one in page.markdown]
    assert "Compare two prompts" in [link.proto.label for link in links(page)]


def test_every_experiment_is_a_row_with_its_state_its_arms_its_progress_and_its_cost(
    gallery: Gallery, open_page: OpenPage
) -> None:
    an_ended_experiment(gallery, name="Ended one", repositories=2)
    an_ended_experiment(
        gallery,
        name="Running one",
        repositories=2,
        repetitions=1,
        decide=_done_on_the_first,
        state=ExperimentState.RUNNING,
    )

    page = open_page("experiments")

    assert sorted(rows(page)) == ["Ended one", "Running one"]
    told = texts(page)
    assert "8 cells" in told
    assert "2 of 4 cells" in told
    size = "2 repositories \N{MULTIPLICATION SIGN} 2".replace(
        " ", "\N{NO-BREAK SPACE}"
    )  # stays on one line
    assert f"update v1, update v2 over {size}" in told
    assert "$6.72 of $40.00" in told
    assert rows(open_page("experiments", q="ended")) == ["Ended one"]
    assert "**No experiment matches**" in said(open_page("experiments", q="nothing"))


def _done_on_the_first(_arm: int, repository: int, _turn: int) -> Outcome:
    return Outcome.MISSING if repository else Outcome.ACCEPTED


def test_the_result_says_who_won_and_how_sure_that_is(
    gallery: Gallery, open_page: OpenPage
) -> None:
    made = an_ended_experiment(gallery, arms=3, repositories=12, repetitions=3)

    page = until(open_page("experiment", id=made.id), is_worked_out)

    told = said(page)
    assert "update v3 was accepted 58 points more often than update v1" in told
    assert "What came of it" in told
    assert html(page).count("cb-forest-point") == 2
    assert "42 % (27 to 58)" in html(page)
    assert "36 done" in html(page)
    (row,) = [link for link in links(open_page("experiments")) if "**" in link.proto.label]
    assert row.proto.query_string == f"id={made.id}"


def test_the_list_claims_no_more_than_the_page_of_an_experiment_does(
    gallery: Gallery, open_page: OpenPage
) -> None:
    made = an_ended_experiment(gallery, arms=3, repositories=12, repetitions=3)
    page = until(open_page("experiment", id=made.id), is_worked_out)
    stands = "update v2 and update v3 are better than update v1"
    assert any(text.startswith(f"{stands}. ") for text in texts(page))

    page.query_params.clear()
    page.switch_page("pages/experiments.py").run()

    about = "update v1, update v2, update v3 over "
    assert any(text.startswith(f"{stands} · {about}") for text in texts(page))


def test_the_matrix_is_filtered_by_the_address_and_leads_to_jobs(
    gallery: Gallery, open_page: OpenPage
) -> None:
    made = an_ended_experiment(gallery, repositories=4, decide=_worse_on_the_first)

    page = until(open_page("experiment", id=made.id, tab="Matrix"), is_worked_out)
    assert html(page).count('href="/job?id=') == 16

    page = open_page("experiment", id=made.id, tab="Matrix", which="Regressed")
    until(page, is_worked_out)
    assert html(page).count('href="/job?id=') == 4
    assert "acme/service-00" in html(page)
    assert any("1 regressed, 1 improved, 2 differ, 2 equal" in text for text in texts(page))


def _worse_on_the_first(arm: int, repository: int, _turn: int) -> Outcome:
    good = {(0, 0), (1, 1), (0, 2), (1, 2)}
    return Outcome.ACCEPTED if (arm, repository) in good else Outcome.REJECTED


def test_regressions_stand_first_with_both_results_and_what_raters_said(
    gallery: Gallery, open_page: OpenPage
) -> None:
    made = an_ended_experiment(gallery, repositories=4, decide=_worse_on_the_first)

    page = until(open_page("experiment", id=made.id, tab="Disagreements"), is_worked_out)

    assert "acme\\/service\\-00" in [one.value for one in page.subheader]
    assert "alice: reject, incomplete" in texts(page)
    assert "alice: accept" in texts(page)
    assert len(page.get("bidi_component")) == 2


@pytest.mark.parametrize(
    ("tab", "text"),
    [
        ("Cost and time", "An accepted result of update v1 costs"),
        ("Verdicts", "Accept or reject: Cohen's kappa is 1.00"),
        ("Set-up", "+Take care 1."),
    ],
)
def test_the_other_tabs_show_what_they_promise(
    gallery: Gallery, open_page: OpenPage, tab: str, text: str
) -> None:
    made = an_ended_experiment(gallery, repositories=4)

    page = until(open_page("experiment", id=made.id, tab=tab), is_worked_out)

    assert text in said(page)


def test_an_experiment_that_somebody_judged_waits_for_the_next_rater(
    gallery: Gallery, open_page: OpenPage
) -> None:
    made = an_ended_experiment(gallery, repositories=2)

    page = until(open_page("experiment", id=made.id, tab="Verdicts"), is_worked_out)

    button = page.button(key="experiments-judge-here")
    assert (button.label, button.disabled) == ("Judge blind, too", False)


def test_while_results_are_not_judged_nothing_is_concluded_and_judging_is_offered(
    gallery: Gallery, open_page: OpenPage
) -> None:
    made = an_ended_experiment(gallery, repositories=2, decide=lambda *_: Outcome.UNJUDGED)

    page = until(open_page("experiment", id=made.id), is_worked_out)

    assert "**Not yet**" in said(page)
    assert page.button(key="experiments-judge").label == "Judge 8 jobs blind"


def test_pausing_and_resuming_need_no_question(gallery: Gallery, open_page: OpenPage) -> None:
    made = an_ended_experiment(
        gallery, repositories=2, state=ExperimentState.RUNNING, decide=lambda *_: Outcome.MISSING
    )
    page = open_page("experiment", id=made.id)

    page.button(key="experiments-act-pause").click().run()

    assert gallery.records.experiment(made.id).state is ExperimentState.PAUSED
    assert [one.value for one in page.toast] == ["Experiment paused"]
    assert page.button(key="experiments-act-resume").label == "Resume"


def test_a_metric_that_is_chosen_late_is_warned_of(gallery: Gallery, open_page: OpenPage) -> None:
    made = an_ended_experiment(gallery, repositories=2)
    page = open_page("experiment", id=made.id)

    page.button(key="experiments-act-change_metric").click().run()

    assert question(page) == "Change what decides?"
    assert "chosen after them decides nothing" in page.warning[0].value
    page.button(key="experiments-metric-act").click().run()
    assert gallery.records.experiment(made.id).metric is Metric.RATING


def test_what_is_added_says_before_what_it_runs_and_may_cost(
    gallery: Gallery, open_page: OpenPage
) -> None:
    made = an_ended_experiment(gallery, repositories=2, repetitions=1)
    page = open_page("experiment", id=made.id)

    page.button(key="experiments-act-add_repetitions").click().run()

    assert question(page) == "Add repetitions"
    assert "4 cells are still to be made." in texts(page)
    assert any(text.startswith("They will probably cost $") for text in texts(page))
    assert gallery.records.experiment(made.id).repetitions == 1
    page.button(key="experiments-add-repetitions-act").click().run()
    assert gallery.records.experiment(made.id).repetitions == 2


def test_what_waits_for_its_budget_asks_to_raise_it(gallery: Gallery, open_page: OpenPage) -> None:
    trouble = "Its budget of $5 is used up."
    made = an_ended_experiment(
        gallery,
        repositories=2,
        state=ExperimentState.WAITING,
        trouble=trouble,
        budget_usd=Decimal(7),
    )

    page = open_page("experiment", id=made.id)

    assert any(trouble in text for text in texts(page))
    assert page.button(key="experiments-act-raise_budget").label == "Raise budget"


def test_hostile_words_are_shown_as_they_are(gallery: Gallery, open_page: OpenPage) -> None:
    nasty = f"{AWKWARD} {SECRET}"
    made = an_ended_experiment(gallery, repositories=2, name=nasty[-100:], question=nasty)

    for page in (open_page("experiments"), open_page("experiment", id=made.id)):
        until(page, is_worked_out)
        assert SECRET not in said(page) + html(page)
    assert any("<b>bold</b> **md**" in text for text in texts(page))


@pytest.mark.parametrize("written", ["0" * 26, "nonsense"])
def test_an_unknown_experiment_is_said_to_be_none(open_page: OpenPage, written: str) -> None:
    page = open_page("experiment", id=written)

    assert not page.exception
    assert "There is no experiment" in said(page)


def test_without_a_name_the_page_leads_to_the_list(open_page: OpenPage) -> None:
    page = open_page("experiment")

    assert "**No experiment was named**" in [one.value for one in page.markdown]


def test_the_list_of_jobs_can_hold_those_of_one_experiment(
    gallery: Gallery, open_page: OpenPage
) -> None:
    made = an_ended_experiment(gallery, repositories=3, repetitions=1)
    job = gallery.published("acme/other")

    page = open_page("jobs", experiment=made.id)

    assert len(rows(page)) == 6
    assert "acme/other" not in rows(page)
    assert parameters(page, "Only jobs of this experiment") == {"id": made.id}
    page.button(key="jobs-all").click().run()
    assert job.repository.full_name in rows(page)


def test_a_request_of_an_experiment_leads_to_it(gallery: Gallery, open_page: OpenPage) -> None:
    made = an_ended_experiment(gallery, repositories=1, repetitions=1)
    partition_of = gallery.records.list_requests().items

    page = open_page("request", id=partition_of[0].id)

    label = "Repetition 1 of an arm of an experiment"
    assert parameters(page, label) == {"id": made.id}


def test_versions_are_compared_from_their_prompt(gallery: Gallery, open_page: OpenPage) -> None:
    for text in ("One.", "Two.", "Three."):
        gallery.records.save_prompt(PromptDraft(name="update", template=text), ALICE, NOON)
    page = open_page("prompt", name="update", tab="Changes")

    page.button(key="prompts-compare").click().run()

    assert not page.exception
    assert page.multiselect[0].value == ["update@2", "update@3"]


def two_versions(gallery: Gallery) -> None:
    for text in ("Update {{level}}.", "Update {{level}} with care."):
        gallery.records.save_prompt(PromptDraft(name="update", template=text), ALICE, NOON)


def field(page: AppTest, label: str) -> Any:
    """The widget with this label."""
    kinds = (page.text_input, page.text_area, page.selectbox, page.multiselect, page.number_input)
    return next(one for kind in kinds for one in kind if one.label == label)


def test_the_form_says_what_is_missing_and_makes_arms_of_prompts_and_efforts(
    gallery: Gallery, open_page: OpenPage
) -> None:
    two_versions(gallery)
    page = open_page("new_experiment")
    assert "Choose what is compared." in texts(page)

    field(page, "Prompts").set_value(["update@1", "update@2"]).run()
    assert any("level" in text for text in texts(page))
    field(page, "level").set_value("major").run()
    field(page, "Effort").set_value(["low", "high"]).run()

    assert not page.exception
    assert field(page, "Baseline").options == [
        "update@1 · effort low",
        "update@1 · effort high",
        "update@2 · effort low",
        "update@2 · effort high",
    ]
    assert "Name the repositories." in texts(page)
    assert page.button(key="experiments-begin").disabled


def test_what_is_written_is_there_in_another_session_and_can_be_cleared_and_brought_back(
    gallery: Gallery, open_page: OpenPage
) -> None:
    two_versions(gallery)
    page = open_page("new_experiment")
    field(page, "What do you want to know?").set_value("Is care worth it?").run()
    field(page, "One a line").set_value("acme/api").run()

    page = open_page("new_experiment")
    assert field(page, "What do you want to know?").value == "Is care worth it?"
    assert field(page, "One a line").value == "acme/api"

    page.button(key="experiments-clear").click().run()
    assert not field(page, "One a line").value
    page.button(key="experiments-undo").click().run()
    assert field(page, "One a line").value == "acme/api"


def test_an_earlier_request_is_compared_with_another_prompt(
    gallery: Gallery, open_page: OpenPage
) -> None:
    two_versions(gallery)
    job = gallery.published()

    page = open_page("new_experiment", **{"from": job.request})

    assert field(page, "Prompts").value == ["update@1"]
    assert field(page, "One a line").value == "acme/api"


def test_an_address_that_names_nothing_loses_nothing(gallery: Gallery, open_page: OpenPage) -> None:
    two_versions(gallery)

    page = open_page("new_experiment", prompt="nowhere@1")

    assert "This could not be taken over" in said(page)
    assert "nowhere" in said(page)
