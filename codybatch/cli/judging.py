"""``codybatch judge`` and ``codybatch verdicts``: judge job after job, take others' verdicts, and
see how far people agree.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codybatch.cli.listing import AsJson
from codybatch.cli.output import print_json, print_table, say
from codybatch.cli.run import guarded
from codybatch.domain.errors import NotFound, UnknownExperiment, UsageError

if TYPE_CHECKING:
    from codybatch.analysis.agreement import Agreement, Measure
    from codybatch.composition import Application
    from codybatch.services.to_judge import JudgedJob, Scope

app = typer.Typer(
    no_args_is_help=True,
    help="Verdicts of several people: how far they agree, sheets that others filled in, and the "
    "reasons there are.",
)
Which = Annotated[
    str,
    typer.Argument(
        metavar="WHICH", help="An experiment's name or id, or a request's id.", show_default=False
    ),
]
COLUMNS = ("JOB", "REPOSITORY", "PROMPT", "VERDICTS")
MAX_SHEET_BYTES = 20_000_000


@app.command("agreement")
@guarded
def show_agreement(which: Which, as_json: AsJson = False) -> None:
    """Show how far the raters of an experiment or a request agree, and where they do not.

    Two raters are compared by Cohen's kappa, more by Krippendorff's alpha; 1 is perfect agreement
    and 0 what chance gives. Ratings that are near disagree less than those that are far.
    """
    from codybatch.analysis.agreement import agreement, in_sentences
    from codybatch.cli.context import opened
    from codybatch.services.to_judge import ToJudge

    with opened() as application:
        scope = scope_of(application, which)
        found = agreement(ToJudge(application.store.records).judged_jobs(scope))
    if as_json:
        print_json(_as_json(found, in_sentences(found)))
        return
    for sentence in in_sentences(found):
        say(sentence)
    if found.differ:
        say()
        say("Where they differ:")
        print_table(COLUMNS, [_row(one) for one in found.differ])


@app.command("import")
@guarded
def import_sheet(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A CSV file; - for standard input.", show_default=False
        ),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put these in place of earlier verdicts that differ.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take verdicts from a CSV file, each in the name of the rater that it names: all, or none.

    Its first line names the columns: job, rater, decision (accept or reject), and where they are
    wanted rating (1 to 5), reasons (separated by ;), comment and blind (yes or no).
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.composition import verdicts
    from codybatch.services.verdict_sheet import VerdictSheets

    text = _read(file)
    with opened_to_change() as application:
        taken = VerdictSheets(verdicts(application)).take(text, replace=replace)
    if as_json:
        counts = {"stored": taken.stored, "replaced": taken.replaced, "unchanged": taken.unchanged}
        print_json(counts)
        return
    replaced = f", {taken.replaced:,} of them in place of earlier ones" if taken.replaced else ""
    unchanged = f" {taken.unchanged:,} were stored already." if taken.unchanged else ""
    say(f"Stored {taken.stored:,} verdicts{replaced}.{unchanged}")


@app.command("reasons")
@guarded
def list_reasons(as_json: AsJson = False) -> None:
    """List the reasons that a verdict may name, by kind of prompt."""
    from codybatch.cli.context import opened
    from codybatch.composition import verdict_reasons
    from codybatch.domain.prompts import Kind

    with opened() as application:
        service = verdict_reasons(application)
        found = {kind.value: service.of(kind) for kind in Kind}
    if as_json:
        print_json({kind: list(reasons) for kind, reasons in found.items()})
    else:
        print_table(("KIND", "REASON"), [(kind, one) for kind in found for one in found[kind]])


def scope_of(application: Application, which: str) -> Scope:
    """The experiment or the request that a person named.

    Raises:
        NotFound: there is neither.
    """
    from codybatch.domain.errors import UnknownIdentifier
    from codybatch.services.to_judge import Scope, ToJudge

    try:
        return Scope(experiment=application.experiments.find(which).id)
    except UnknownExperiment:
        pass
    try:
        return ToJudge(application.store.records).scope(request=which)
    except (NotFound, UnknownIdentifier):
        raise NotFound(
            f"There is neither an experiment nor a request {which!r}. `codybatch experiments "
            "list` and `codybatch requests list` show them."
        ) from None


def _read(file: str) -> str:
    try:
        whole = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    if len(whole) > MAX_SHEET_BYTES:
        raise UsageError(f"{file} has more than {MAX_SHEET_BYTES / 1e6:.0f} MB.")
    try:
        return whole.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is no UTF-8 text: byte {error.start:,} is none.") from None


def _row(one: JudgedJob) -> tuple[str, ...]:
    said = (
        f"{given.rater} {given.decision.value}{f' {given.rating}' if given.rating else ''}"
        for given in one.verdicts
    )
    job = one.job
    prompt = f"{job.prompt.name}@{job.prompt.version}"
    return job.id, job.repository.full_name, prompt, ", ".join(said)


def _as_json(found: Agreement, sentences: tuple[str, ...]) -> dict[str, Any]:
    from codybatch.services.wire.shape import as_json

    return {
        "raters": list(found.raters),
        "judged": found.judged,
        "shared": found.shared,
        "same": found.same,
        "tied": found.tied,
        "sameShare": found.percent,
        "decisions": _measure(found.decisions),
        "ratings": _measure(found.ratings),
        "repeats": found.repeats,
        "differ": [
            {"job": one.job.id, "verdicts": [as_json(given) for given in one.verdicts]}
            for one in found.differ
        ],
        "sentences": list(sentences),
    }


def _measure(of: Measure) -> dict[str, Any]:
    from codybatch.analysis.statistics.answers import CannotBeSaid
    from codybatch.analysis.statistics.krippendorff import Alpha

    if isinstance(of, CannotBeSaid):
        return {"measure": None, "value": None, "reason": of.reason}
    if isinstance(of, Alpha):
        return {"measure": "krippendorffAlpha", "value": of.value, "jobs": of.units}
    between = of.interval
    interval = None if isinstance(between, CannotBeSaid) else [between.low, between.high]
    return {
        "measure": "cohenKappa",
        "value": of.value,
        "interval": interval,
        "jobs": of.rated,
    }
