"""``codybatch costs`` and ``codybatch requests cost``: what many jobs cost together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.listing import AsJson
from codybatch.cli.output import print_json, print_table, say
from codybatch.cli.requests import RequestArgument
from codybatch.cli.run import guarded
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codybatch.services.spending import Spent

COLUMNS = ("JOBS", "SUCCEEDED", "FRESH", "TO CACHE", "FROM CACHE", "CACHED", "WRITTEN", "COST")


def _groups(incomplete: str) -> list[str]:
    from codybatch.services.spending import By

    return [by.value for by in By if by.startswith(incomplete)]


@guarded
def costs(
    since: Annotated[
        str, typer.Option(metavar="DAY", help="Of jobs since: 2026-01-31, 30d or 6w.")
    ] = "30d",
    by: Annotated[
        str,
        typer.Option(
            metavar="GROUP",
            help="day, model, prompt, repository or person.",
            autocompletion=_groups,
        ),
    ] = "day",
    as_json: AsJson = False,
) -> None:
    """Sum up what jobs cost, by day or by what they were.

    A job counts for the UTC day on which it was submitted; the day's cap counts each reply when it
    comes.
    """
    from codybatch.cli.context import opened
    from codybatch.services.moments import moment_of
    from codybatch.services.spending import By, spending

    if by not in set(By):
        raise UsageError(f"{by!r} is no group: {', '.join(By)}.")
    with opened() as app:
        parts = spending(app.store.records, moment_of(since, app.clock.now()), By(by))
    if as_json:
        from codybatch.services.wire.requests import GroupedSpending

        print_json(GroupedSpending.by_group(By(by), parts).as_json())
    elif not parts:
        say(f"No job was submitted since {since}.")
    else:
        _print(by.upper(), parts)


@guarded
def cost_of_request(request: RequestArgument, as_json: AsJson = False) -> None:
    """Sum up what a request cost, repository by repository, against what was expected."""
    from codybatch.cli.context import opened
    from codybatch.domain.identifiers import request_id
    from codybatch.services.estimates import in_words
    from codybatch.services.spending import By, summed

    with opened() as app:
        found = app.requests.find(request_id(request))
        parts = summed(app.requests.jobs_of(found.id), By.REPOSITORY)
    estimate = found.estimate
    if as_json:
        from codybatch.services.wire.requests import RequestCost

        print_json(RequestCost.against(found, parts).as_json())
        return
    _print("REPOSITORY", parts)
    if estimate:
        say(f"Estimated at {in_words(estimate)}.")


def _print(group: str, parts: Sequence[Spent]) -> None:
    from codybatch.services.spending import in_all

    rows = [*parts, in_all(parts)] if len(parts) > 1 else parts
    print_table((group, *COLUMNS), [_row(part) for part in rows])


def _row(part: Spent) -> tuple[str, ...]:
    from codybatch.services.wording import exact_money

    used = part.usage
    written_to_cache = used.cache_write_5m_tokens + used.cache_write_1h_tokens
    return (
        part.name,
        str(part.jobs),
        str(part.succeeded),
        *(f"{n:,}" for n in (used.input_tokens, written_to_cache, used.cache_read_tokens)),
        "" if part.cached is None else f"{part.cached:.0%}",
        f"{used.output_tokens:,}",
        exact_money(part.cost_usd),
    )
