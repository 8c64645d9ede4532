"""``codybatch jobs cost``: what a job's cost is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codybatch.cli.jobs import JobArgument
from codybatch.cli.listing import AsJson
from codybatch.cli.output import print_json, print_table, say
from codybatch.cli.run import guarded

if TYPE_CHECKING:
    from codybatch.services.explained_cost import Charge

COLUMNS = (
    *("TURN", "FRESH", "TO CACHE", "FROM CACHE", "CACHED", "WRITTEN"),
    *("COST", "TOTAL", "REPLY"),
)
"""Tokens read fresh, written to the cache and read from it, the share of the prompt that the last
are, and tokens of the reply.
"""


@guarded
def cost(job: JobArgument, as_json: AsJson = False) -> None:
    """Explain a job's cost: tokens and dollars of each turn, what the cache saved, and the price
    table they go by.
    """
    from codybatch.cli.context import opened
    from codybatch.cli.words import cost_in_words
    from codybatch.clients import prices
    from codybatch.domain.identifiers import job_id
    from codybatch.services.explained_cost import explained, savings
    from codybatch.services.wire.requests import CostShown

    with opened() as application:
        found = application.jobs.find(job_id(job))
        steps = application.jobs.steps(found.id)
        result = explained(found, steps, prices(application.settings).price)
    if as_json:
        print_json(CostShown.of(found, result).as_json())
        return
    if not result.charges:
        say("Nothing yet: the job has not asked the model anything.")
        return
    print_table(COLUMNS, [_row(charge) for charge in result.charges])
    say(cost_in_words(result.cost_usd, result.uncertain_usd, result.price_table, result.usage))
    if saved := savings(result):
        say(saved)


def _row(charge: Charge) -> tuple[str, ...]:
    from codybatch.services.wording import exact_money

    used = charge.usage
    written_to_cache = used.cache_write_5m_tokens + used.cache_write_1h_tokens
    read = (used.input_tokens, written_to_cache, used.cache_read_tokens)
    return (
        str(charge.turn),
        *(f"{count:,}" for count in read),
        "" if charge.cached is None else f"{charge.cached:.0%}",
        f"{used.output_tokens:,}",
        exact_money(charge.cost_usd),
        exact_money(charge.total_usd),
        charge.fate.value,
    )
