"""A job's cost as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from codybatch.domain.estimates import Basis, Estimate
from codybatch.domain.jobs import Waiting
from codybatch.domain.money import Budget
from codybatch.domain.requests import RequestOptions
from codybatch.domain.states import WaitingReason
from codybatch.services.explained_cost import explained
from codybatch.stores.embedded import EmbeddedStore
from codybatch.ui.cost.breakdown import (
    MOST_BARS,
    Breakdown,
    bars,
    breakdown,
    cap_reached,
)
from tests.contracts.examples import NOON, a_request, jobs_of
from tests.conversation_kit import Talk, everyday, of_length

CAPPED = RequestOptions(model="claude-sonnet-5-5", job_cost_cap_usd=Decimal(2))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "home")
    yield store
    store.close()


def shown(talk: Talk, *, ended: bool = False) -> Breakdown:
    job = talk.settle() if ended else talk.commit()
    request = talk.store.records.request(job.request)
    price = lambda _model, _usage, _at: Decimal("0.02")  # noqa: E731
    return breakdown(request, explained(job, talk.steps, price))


def test_each_turn_has_its_tokens_cost_and_cache_share(store: EmbeddedStore) -> None:
    row = shown(everyday(Talk(store))).rows[1]

    assert (row.turn, row.fresh, row.to_cache, row.from_cache, row.written) == (2, 40, 160, 800, 60)
    assert (row.cached, row.cost, row.total) == (80, 0.0125, 0.025)
    assert row.reply == "In the conversation"


def test_the_total_stands_against_the_jobs_cap(store: EmbeddedStore) -> None:
    found = shown(everyday(Talk(store, request={"options": CAPPED})))

    assert found.spent == "$0.1000 of the job's cap of $2.00"
    assert found.share_of_cap == pytest.approx(0.05)
    assert shown(Talk(store)).spent == "$0.0000, without a cap"


def test_the_request_stands_against_its_estimate(store: EmbeddedStore) -> None:
    estimate = Estimate(
        low_usd=Decimal("0.1"),
        likely_usd=Decimal("0.4"),
        high_usd=Decimal(2),
        turns=9,
        basis=Basis.PROMPT,
        samples=4,
    )
    budget = Budget(cap_usd=Decimal(5))
    talk = Talk(store, request={"estimate": estimate, "budget": budget})

    assert shown(everyday(talk), ended=True).expected == (
        "The request of 1 job was estimated at about $0.40 ($0.10 to $2.00), from 4 earlier jobs "
        "of this prompt with this model. So far $0.1000 are spent of $5.00."
    )


def test_a_request_without_an_estimate_says_so(store: EmbeddedStore) -> None:
    assert shown(everyday(Talk(store))).expected.startswith("The request of 1 job had no estimate.")


def test_replies_of_unknown_usage_are_named(store: EmbeddedStore) -> None:
    talk = everyday(Talk(store)).lost().turn([])

    found = shown(talk)

    assert found.uncertain == (
        "One reply was lost on the way (turn 9). What it used is not known, so it counts with "
        "what was set aside for it: $0.5000."
    )
    assert [row.reply for row in found.rows][-2:] == [
        *("Lost, may be paid for", "In the conversation")
    ]
    assert found.rows[-2].cached is None
    more = shown(talk.lost().turn([])).uncertain
    assert more.startswith("2 replies were lost on the way (turns 9, 10).")


def test_the_price_table_is_named(store: EmbeddedStore) -> None:
    assert ("Prices", "not noted") in shown(everyday(Talk(store))).facts


def test_the_chart_in_words_names_the_dearest_turn_and_the_total(store: EmbeddedStore) -> None:
    figures = shown(everyday(Talk(store))).figures

    assert "8 requests" in figures
    assert "$0.1000" in figures


def test_a_bar_a_request_where_there_is_room(store: EmbeddedStore) -> None:
    drawn = bars(shown(everyday(Talk(store))).rows)

    assert drawn.turns == (1, 2, 3, 4, 5, 6, 7, 8)
    assert drawn.title == "Turn"
    assert drawn.replies[3] == "Paid for, left out"


def test_a_bar_for_a_few_turns_of_a_very_long_conversation(store: EmbeddedStore) -> None:
    rows = shown(of_length(Talk(store), 3)).rows * 334

    drawn = bars(rows)

    assert len(drawn.turns) <= MOST_BARS
    assert drawn.title == "Turn (6 to a bar)"
    assert sum(drawn.costs) == pytest.approx(sum(row.cost for row in rows))
    assert drawn.replies == ()


def test_nothing_asked_is_nothing_spent(store: EmbeddedStore) -> None:
    found = shown(Talk(store))

    assert (found.rows, found.figures, bars(found.rows).turns) == ((), "", ())


def waiting_for(reason: WaitingReason) -> str:
    request = a_request(budget=Budget(cap_usd=Decimal(5), spent_usd=Decimal("4.98")))
    job = jobs_of(request, waiting=Waiting(reason=reason, since=NOON))[0]
    return cap_reached(job, request)


def test_a_job_that_waits_for_its_requests_budget_says_what_was_spent() -> None:
    assert waiting_for(WaitingReason.REQUEST_BUDGET) == (
        "$4.98 of $5.00 are spent. The job goes on as soon as the budget is raised."
    )


def test_a_job_that_waits_for_something_else_says_nothing_of_it() -> None:
    assert waiting_for(WaitingReason.DAILY_BUDGET) == ""
    assert cap_reached(jobs_of(a_request())[0], a_request()) == ""
