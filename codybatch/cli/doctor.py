"""``codybatch doctor``: what is well, what is not, and how to mend it."""

from __future__ import annotations

from typing import Annotated

import typer

from codybatch.cli.invocation import continued
from codybatch.cli.listing import AsJson
from codybatch.cli.output import harmless, print_json, styled
from codybatch.cli.run import guarded

_COLORS = {"ok": typer.colors.GREEN, "warning": typer.colors.YELLOW, "failed": typer.colors.RED}


@guarded
def doctor(
    offline: Annotated[
        bool, typer.Option("--offline", help="Leave out the checks that ask a service.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at everything a job needs, and say how to mend what is wrong.

    Exit status 1 where a check failed; warnings leave it 0. No key is ever printed.
    """
    from codybatch.cli.context import looks_at_demo, opened, without_secrets
    from codybatch.composition import patient
    from codybatch.services.doctor import Finding, Health, examine

    found: list[Finding] = []
    with opened() as application:
        for finding in examine(patient(application), offline=offline or looks_at_demo()):
            found.append(finding)
            if not as_json:
                mark = f"{finding.health.value:<8}"
                typer.echo(styled(mark, fg=_COLORS[finding.health.value]), nl=False)
                mend = f" → {finding.mend}" if finding.mend else ""
                said = f"{finding.check}: {finding.detail}{mend}"
                typer.echo(harmless(without_secrets(continued(said))))
    if as_json:
        print_json([finding.model_dump(mode="json", by_alias=True) for finding in found])
    if any(finding.health is Health.FAILED for finding in found):
        raise typer.Exit(1)
