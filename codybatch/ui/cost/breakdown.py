"""A job's cost as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request
from codybatch.domain.states import WaitingReason
from codybatch.services.estimates import in_words
from codybatch.services.explained_cost import Charge, ExplainedCost, Fate, savings
from codybatch.services.wording import counted, exact_money, money
from codybatch.ui.words import tokens

MOST_BARS = 200
"""More would be thinner than a pixel on a phone."""
FATES: dict[Fate, str] = {
    Fate.APPENDED: "In the conversation",
    Fate.NOT_APPENDED: "Paid for, left out",
    Fate.LOST: "Lost, may be paid for",
    Fate.UNDER_WAY: "Under way",
}


@dataclass(frozen=True)
class TurnCost:
    """What one request to the model used (tokens) and cost (US dollars)."""

    turn: int
    fresh: int
    to_cache: int
    from_cache: int
    written: int
    cached: float | None
    """Percent of the prompt that came from the cache; None where the reply did not come."""
    cost: float
    total: float
    reply: str


@dataclass(frozen=True)
class Bars:
    """The chart: what a bar, or a turn, costs."""

    turns: tuple[int, ...]
    """The first one of each bar."""
    costs: tuple[float, ...]
    """US dollars."""
    replies: tuple[str, ...]
    """What became of them, where not all bars are alike; else empty."""
    title: str


@dataclass(frozen=True)
class Breakdown:
    """A job's cost in words and figures."""

    spent: str
    """Against the job's cap, where there is one."""
    share_of_cap: float | None
    """0 to 1."""
    facts: tuple[tuple[str, str], ...]
    saved: str
    expected: str
    """What the whole request was expected to cost, and what it has cost."""
    uncertain: str
    """About replies whose usage is not known."""
    rows: tuple[TurnCost, ...]
    figures: str
    """The chart in words."""


def breakdown(request: Request, cost: ExplainedCost) -> Breakdown:
    """What a job cost and why.

    Args:
        request: that it belongs to.
        cost: of the job, explained.
    """
    cap = request.options.job_cost_cap_usd
    spent = exact_money(cost.cost_usd)
    rows = tuple(map(_row, cost.charges))
    return Breakdown(
        spent=f"{spent} of the job's cap of {money(cap)}" if cap else f"{spent}, without a cap",
        share_of_cap=min(1.0, float(cost.cost_usd / cap)) if cap else None,
        facts=tuple(_facts(cost)),
        saved=savings(cost),
        expected=_expected(request),
        uncertain=_uncertain(cost),
        rows=rows,
        figures=_figures(rows),
    )


def cap_reached(job: Job, request: Request) -> str:
    """What was spent of the request's cap, where the job waits until that is raised."""
    if job.waiting is None or job.waiting.reason is not WaitingReason.REQUEST_BUDGET:
        return ""
    spent, cap = request.budget.spent_usd, request.budget.cap_usd
    of = f" of {money(cap)}" if cap is not None else ""
    return f"{money(spent)}{of} are spent. The job goes on as soon as the budget is raised."


def bars(rows: tuple[TurnCost, ...]) -> Bars:
    """A bar a request; of a very long conversation a bar for every few of them."""
    each = -(-len(rows) // MOST_BARS)
    turns: list[int] = []
    costs: list[float] = []
    replies: list[str] = []
    for first in range(0, len(rows), max(1, each)):
        bundle = rows[first : first + each]
        for reply in dict.fromkeys(row.reply for row in bundle):
            turns.append(bundle[0].turn)
            costs.append(sum(row.cost for row in bundle if row.reply == reply))
            replies.append(reply)
    alike = set(replies) <= {FATES[Fate.APPENDED]}
    title = "Turn" if each <= 1 else f"Turn ({each} to a bar)"
    return Bars(tuple(turns), tuple(costs), () if alike else tuple(replies), title)


def _row(charge: Charge) -> TurnCost:
    used = charge.usage
    return TurnCost(
        turn=charge.turn,
        fresh=used.input_tokens,
        to_cache=used.cache_write_5m_tokens + used.cache_write_1h_tokens,
        from_cache=used.cache_read_tokens,
        written=used.output_tokens,
        cached=None if charge.cached is None else round(charge.cached * 100),
        cost=float(charge.cost_usd),
        total=float(charge.total_usd),
        reply=FATES[charge.fate],
    )


def _facts(cost: ExplainedCost) -> Iterator[tuple[str, str]]:
    used = cost.usage
    yield "Requests", f"{len(cost.charges):,}"
    yield "Read fresh", tokens(used.input_tokens)
    yield "To the cache", tokens(used.cache_write_5m_tokens + used.cache_write_1h_tokens)
    yield "From the cache", tokens(used.cache_read_tokens)
    if cost.cached is not None:
        yield "Cache share", f"{cost.cached:.0%}"
    yield "Written", tokens(used.output_tokens)
    yield "Prices", cost.price_table or "not noted"


def _expected(request: Request) -> str:
    jobs = counted(request.counts.total, "job")
    spent, cap = request.budget.spent_usd, request.budget.cap_usd
    so_far = f"So far {exact_money(spent)} are spent" + (f" of {money(cap)}." if cap else ".")
    if request.estimate is None:
        return f"The request of {jobs} had no estimate. {so_far}"
    return f"The request of {jobs} was estimated at {in_words(request.estimate)}. {so_far}"


def _uncertain(cost: ExplainedCost) -> str:
    lost = [charge for charge in cost.charges if charge.fate is Fate.LOST]
    if not lost:
        return ""
    turns = ", ".join(dict.fromkeys(str(charge.turn) for charge in lost[:20]))
    more = " and more" if len(lost) > 20 else ""
    which = f"(turn{'s' if len(lost) > 1 else ''} {turns}{more})"
    aside = exact_money(cost.uncertain_usd)
    if len(lost) == 1:
        return (
            f"One reply was lost on the way {which}. What it used is not known, so it counts with "
            f"what was set aside for it: {aside}."
        )
    return (
        f"{len(lost)} replies were lost on the way {which}. What they used is not known, so they "
        f"count with what was set aside for them: {aside}."
    )


def _figures(rows: tuple[TurnCost, ...]) -> str:
    if not rows:
        return ""
    dearest = max(rows, key=lambda row: row.cost)
    return (
        f"Cost of each of {len(rows):,} requests in US dollars. The dearest is turn "
        f"{dearest.turn} at ${dearest.cost:.4f}; the last brings the total to "
        f"${rows[-1].total:.4f}. The table below holds every figure."
    )
