"""``codybatch doctor``: what is well, what is not, and how to mend it."""

from __future__ import annotations

from typing import Annotated

import typer

from codybatch.cli.listing import AsJson
from codybatch.cli.output import harmless, print_json
from codybatch.cli.run import guarded

_COLORS = {"ok": typer.colors.GREEN, "warning": typer.colors.YELLOW, "failed": typer.colors.RED}


@guarded
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Ask no service.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at everything a job needs, and say how to mend what is wrong."""
    from codybatch.cli.context import opened
    from codybatch.composition import patient
    from codybatch.services.doctor import Finding, Health, examine

    found: list[Finding] = []
    with opened() as application:
        for finding in examine(patient(application), offline=offline):
            found.append(finding)
            if not as_json:
                mark = f"{finding.health.value:<8}"
                typer.secho(mark, fg=_COLORS[finding.health.value], nl=False)
                mend = f" → {finding.mend}" if finding.mend else ""
                typer.echo(harmless(f"{finding.check}: {finding.detail}{mend}"))
    if as_json:
        print_json([finding.model_dump(mode="json", by_alias=True) for finding in found])
    if any(finding.health is Health.FAILED for finding in found):
        raise typer.Exit(1)
