"""The cost of a job on its page, in each of its states."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.domain.jobs import Job, Waiting
from codybatch.domain.money import Budget
from codybatch.domain.states import JobState, WaitingReason
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import NOON, lease_of
from tests.conversation_kit import Talk, everyday, of_length
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import texts
from tests.ui_kit import Gallery


@pytest.fixture
def store(home: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(home)
    yield store
    store.close()


@pytest.fixture
def open_tab(open_page: OpenPage) -> OpenPage:
    def opened(job: Job) -> AppTest:
        return open_page("job", id=job.id, tab="Cost")

    return opened


def markdown(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def test_each_turn_is_a_row_and_a_bar(store: EmbeddedStore, open_tab: OpenPage) -> None:
    page = open_tab(everyday(Talk(store)).settle())

    assert not page.exception
    table = page.dataframe[0].value
    assert list(table["Turn"]) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert next(iter(table["Cached"])) == 80
    assert list(table["Total"])[-1] == pytest.approx(0.1)
    assert set(table["Reply"]) == {"In the conversation", "Paid for, left out"}
    assert len(page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")) == 1
    assert any("The dearest is turn 1" in text for text in texts(page))


def test_the_total_stands_against_cap_and_estimate(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    shown = texts(open_tab(everyday(Talk(store)).settle()))

    assert "$0.1000, without a cap" in shown
    assert any(text.startswith("The request of 1 job had no estimate.") for text in shown)


def test_a_lost_reply_is_named(store: EmbeddedStore, open_tab: OpenPage) -> None:
    page = open_tab(everyday(Talk(store)).lost().turn([]).settle())

    assert "The usage of some replies is not known" in markdown(page)
    assert any(text.startswith("One reply was lost on the way (turn 9).") for text in texts(page))


def test_nothing_spent_is_said(gallery: Gallery, open_tab: OpenPage) -> None:
    assert "**Nothing spent yet**" in markdown(open_tab(gallery.queued()))


def test_a_thousand_turns_are_one_table(store: EmbeddedStore, open_tab: OpenPage) -> None:
    page = open_tab(of_length(Talk(store), 210).settle())

    assert len(page.dataframe[0].value) == 210
    assert len(page.dataframe) == 1


def waiting(store: EmbeddedStore) -> Job:
    budget = Budget(cap_usd=Decimal(5))
    talk = everyday(Talk(store, request={"budget": budget}))
    talk.commit()
    why = Waiting(reason=WaitingReason.REQUEST_BUDGET, since=NOON, cap_usd=Decimal(5))
    left = talk.job.with_(state=JobState.WAITING, waiting=why)
    store.records.release(lease_of(talk.job), left)
    return store.records.job(talk.id)


def test_a_job_that_waits_for_its_budget_says_so_where_it_can_be_raised(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    page = open_tab(waiting(store))

    assert "The request has reached its cost cap" in markdown(page)
    assert any("are spent. The job goes on as soon as" in text for text in texts(page))
    assert [button.label for button in page.button].count("Raise budget") == 1


def test_a_job_that_does_not_wait_for_its_budget_says_nothing_of_it(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    assert "cost cap" not in markdown(open_tab(everyday(Talk(store)).commit()))
