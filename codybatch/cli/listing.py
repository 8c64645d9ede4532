"""What every listing has in common: a limit, a cursor, JSON."""

from __future__ import annotations

from typing import Annotated

import typer

Limit = Annotated[int, typer.Option(metavar="N", help="How many at most.", min=1, max=1000)]
Cursor = Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
