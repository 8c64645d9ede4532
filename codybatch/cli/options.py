"""Options that several commands take: each is described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from codybatch.cli import completion

Variables = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="A variable: NAME=VALUE; repeat it."),
]
FileKind = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        autocompletion=completion.kinds,
        help="Kind of a prompt file: change (the default), audit or ask.",
    ),
]
Schema = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Of an ask: a file with the JSON Schema of its answer."),
]
RepositoriesFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A file that names repositories, one a line; - reads standard input.",
    ),
]
Model = Annotated[
    str | None, typer.Option(metavar="MODEL", help="The model; else CODYBATCH_MODEL.")
]
Effort = Annotated[
    str | None,
    typer.Option(
        metavar="LEVEL",
        autocompletion=completion.efforts,
        help="How hard the model thinks: low, medium, high, xhigh or max.",
    ),
]
JobCost = Annotated[
    str | None,
    typer.Option(
        metavar="USD",
        help="US dollars for each job, or none; else CODYBATCH_JOB_COST_CAP_USD.",
    ),
]
MaxTurns = Annotated[
    int | None,
    typer.Option(metavar="N", help="Replies of the model for each job; else CODYBATCH_MAX_TURNS."),
]
MaxMinutes = Annotated[
    int | None,
    typer.Option(metavar="N", help="Minutes of work for each job; else CODYBATCH_MAX_MINUTES."),
]
FollowGuidance = Annotated[
    bool,
    typer.Option(
        "--follow-guidance",
        help="Have the repository's own AGENTS.md and its kin followed on how code is written.",
    ),
]
