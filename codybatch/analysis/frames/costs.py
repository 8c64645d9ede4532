"""The frame of costs: every request to the model with what it used, cost and saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from codybatch.analysis.frames.column import MOMENT, NUMBER, TEXT, WHOLE, Column, Frame, amount
from codybatch.analysis.frames.identity import job_columns
from codybatch.analysis.frames.threads import Problems
from codybatch.domain.jobs import Job
from codybatch.services.explained_cost import Charge, PriceOf, explained
from codybatch.services.jobs import Jobs


@dataclass(frozen=True)
class ChargeRow:
    """A charge of a job."""

    job: Job
    charge: Charge


def rows_of_charges(
    jobs: Jobs, of: Iterable[Job], price: PriceOf, problems: Problems
) -> Iterator[ChargeRow]:
    """What some jobs' costs are made of, request by request.

    Args:
        jobs: the service that reads them.
        of: whose.
        price: of a reply, by the price table in use now.
        problems: where damage is noted.
    """
    for job in of:
        with problems.noted(job):
            for charge in explained(job, jobs.steps(job.id), price).charges:
                yield ChargeRow(job, charge)


def _written_to_cache(row: ChargeRow) -> int:
    return row.charge.usage.cache_write_5m_tokens + row.charge.usage.cache_write_1h_tokens


COSTS: Frame[ChargeRow] = Frame(
    name="costs",
    row="A row is a request to the model that cost something, also where its reply was lost.",
    columns=(
        *job_columns("job."),
        Column("conversation", WHOLE, "From 1.", attrgetter("charge.conversation")),
        Column("turn", WHOLE, "The job's turn: joins with `turns()`.", attrgetter("charge.turn")),
        Column("at", MOMENT, "When the reply came, or was asked for.", attrgetter("charge.at")),
        Column(
            "fate",
            TEXT,
            "What became of the reply: `appended`, `not appended`, `lost` or `under way`.",
            attrgetter("charge.fate"),
        ),
        Column(
            "input_tokens", WHOLE, "Tokens read fresh.", attrgetter("charge.usage.input_tokens")
        ),
        Column("cache_write_tokens", WHOLE, "Tokens written to the cache.", _written_to_cache),
        Column(
            "cache_read_tokens",
            WHOLE,
            "Tokens read from the cache.",
            attrgetter("charge.usage.cache_read_tokens"),
        ),
        Column(
            "output_tokens",
            WHOLE,
            "Tokens that the model wrote.",
            attrgetter("charge.usage.output_tokens"),
        ),
        Column(
            "cached_share",
            NUMBER,
            "Share of the prompt that came from the cache, 0 to 1.",
            attrgetter("charge.cached"),
        ),
        Column(
            "cost_usd",
            NUMBER,
            "US dollars; of a lost reply, what was set aside for it.",
            lambda row: float(row.charge.cost_usd),
        ),
        Column(
            "without_cache_usd",
            NUMBER,
            "US dollars that it would have cost without the cache, by the prices in use now; "
            "missing where no reply came or the model has no price.",
            lambda row: amount(row.charge.without_cache_usd),
        ),
        Column(
            "price_table",
            TEXT,
            "Name and version of the prices that were charged.",
            attrgetter("job.price_table"),
            is_foreign=True,
        ),
    ),
)
