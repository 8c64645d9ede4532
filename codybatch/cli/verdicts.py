"""``codybatch jobs rate | verdicts``: what people think of a job's result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.jobs import JobArgument
from codybatch.cli.listing import AsJson
from codybatch.cli.output import print_json, print_table, say
from codybatch.cli.run import guarded
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from codybatch.domain.findings import Decision, Verdict

COLUMNS = ("RATER", "VERDICT", "RATING", "AT (UTC)", "REASONS", "COMMENT")
WITHDRAW = "withdraw"


@guarded
def rate(
    job: JobArgument,
    verdict: Annotated[
        str, typer.Argument(metavar="VERDICT", help="accept, reject, or withdraw one's verdict.")
    ],
    rating: Annotated[
        int | None, typer.Option(metavar="N", help="From 1 (bad) to 5 (good).")
    ] = None,
    reason: Annotated[
        list[str] | None,
        typer.Option(metavar="REASON", help="One of `verdicts reasons`; may be repeated."),
    ] = None,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="Anything more.")] = "",
    as_json: AsJson = False,
) -> None:
    """Judge an ended job's result; a later verdict of the same person replaces the earlier one."""
    from codybatch.cli.context import opened_to_change
    from codybatch.composition import verdicts
    from codybatch.domain.identifiers import job_id

    if verdict == WITHDRAW and (rating is not None or reason or comment):
        raise UsageError("Who withdraws a verdict gives no rating, reason or comment.")
    with opened_to_change() as app:
        service, one = verdicts(app), job_id(job)
        if verdict == WITHDRAW:
            service.withdraw(one, app.person)
        else:
            service.rate(
                *(one, app.person, _decision(verdict)),
                rating=rating,
                reasons=reason or (),
                comment=comment,
            )
        found = service.of(one)
    _show(found, as_json=as_json)


@guarded
def list_verdicts(job: JobArgument, as_json: AsJson = False) -> None:
    """List the verdicts of a job, by rater."""
    from codybatch.cli.context import opened
    from codybatch.composition import verdicts
    from codybatch.domain.identifiers import job_id

    with opened() as app:
        found = verdicts(app).of(job_id(job))
    _show(found, as_json=as_json)


def _decision(written: str) -> Decision:
    from codybatch.domain.findings import Decision

    if written not in set(Decision):
        raise UsageError(f"A verdict is accept, reject or withdraw; not {written!r}.")
    return Decision(written)


def _show(found: tuple[Verdict, ...], *, as_json: bool) -> None:
    if as_json:
        from codybatch.services.wire.shape import as_json as written

        print_json([written(verdict) for verdict in found])
    elif not found:
        say("Nobody has judged it.")
    else:
        print_table(COLUMNS, [_row(verdict) for verdict in found])


def in_words(verdict: Verdict) -> str:
    """A verdict on one line."""
    rating = f" {verdict.rating}/5" if verdict.rating else ""
    reasons = f" ({', '.join(verdict.reasons)})" if verdict.reasons else ""
    comment = f": {verdict.comment}" if verdict.comment else ""
    return f"{verdict.rater} {_DONE[verdict.decision]}{rating}{reasons}{comment}"


_DONE = {"accept": "accepts", "reject": "rejects"}


def _row(verdict: Verdict) -> tuple[str, ...]:
    return (
        verdict.rater,
        verdict.decision.value,
        str(verdict.rating or ""),
        f"{verdict.at:%Y-%m-%d %H:%M}",
        ", ".join(verdict.reasons),
        verdict.comment,
    )
