"""``codybatch doctor``: what is well, what is not, and how to mend it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.invocation import continued
from codybatch.cli.listing import AsJson
from codybatch.cli.output import harmless, hint, print_json, styled
from codybatch.cli.run import guarded

if TYPE_CHECKING:
    from codybatch.services.doctor import Finding

_COLORS = {"ok": typer.colors.GREEN, "warning": typer.colors.YELLOW, "failed": typer.colors.RED}
_MARK = 8
"""Columns of ``failed`` and its kin, with a space."""


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
    from codybatch.services.doctor import Health

    found: list[Finding] = []
    for finding in _examined(offline=offline):
        found.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        print_json([finding.model_dump(mode="json", by_alias=True) for finding in found])
    else:
        _summarise(found)
    if any(finding.health is Health.FAILED for finding in found):
        raise typer.Exit(1)


def _examined(*, offline: bool) -> Iterator[Finding]:
    """The findings as they come, without any key in them."""
    from codybatch.cli.context import looks_at_demo, opened, without_secrets
    from codybatch.domain.errors import InvalidSetting
    from codybatch.patient import patient
    from codybatch.services.doctor import Finding, Health, examine

    try:
        with opened() as application:
            for one in examine(patient(application), offline=offline or looks_at_demo()):
                texts = {name: without_secrets(getattr(one, name)) for name in ("detail", "mend")}
                yield one.with_(**texts)
    except InvalidSetting as error:  # nothing can be looked at before the settings can be read
        mend = "Mend what it names, then run `codybatch doctor` again."
        yield Finding(check="settings", health=Health.FAILED, detail=error.message, mend=mend)


def _show(finding: Finding) -> None:
    """Print a finding: wrapped on a terminal, on one line in a pipe."""
    mark = styled(f"{finding.health.value:<{_MARK}}", fg=_COLORS[finding.health.value])
    said = harmless(continued(f"{finding.check}: {finding.detail}"))
    mend = harmless(continued(finding.mend))
    if not sys.stdout.isatty():
        typer.echo(mark + said + (f" → {mend}" if mend else ""))
        return
    width = max(20, shutil.get_terminal_size().columns - _MARK)
    lines = textwrap.wrap(said, width, break_on_hyphens=False) + _wrapped_mend(mend, width)
    typer.echo(mark + ("\n" + " " * _MARK).join(lines))


def _wrapped_mend(mend: str, width: int) -> list[str]:
    return textwrap.wrap(
        mend, width, initial_indent="→ ", subsequent_indent="  ", break_on_hyphens=False
    )


def _summarise(found: Sequence[Finding]) -> None:
    counted = {
        health: sum(finding.health == health for finding in found)
        for health in ("failed", "warning")
    }
    failed, warnings = counted["failed"], counted["warning"]
    said = [f"{failed} failed"] if failed else []
    said += [f"{warnings} warning{'s' if warnings > 1 else ''}"] if warnings else []
    hint(f"{' and '.join(said)}, of {len(found)} findings." if said else "All is well.")
