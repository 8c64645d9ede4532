"""The experiment as files: its prompts, its references, and the file that describes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from codybatch.standins.experiment.prompts import PROMPTS, prompt_text
from codybatch.standins.experiment.references import REPOSITORIES, is_necessary, reference_patch

NAME = "How much must a prompt say?"
QUESTION = (
    "Does a sentence do, or must a prompt say what to write instead, what to leave alone, how to "
    "check and when nothing is to be done?"
)
REPETITIONS = 5
BUDGET_USD = 20
FILE = "experiment.toml"


def write_files(
    folder: Path, prompts: Sequence[str] = PROMPTS, repetitions: int = REPETITIONS
) -> Path:
    """Write all of it, for `codybatch prompts save` and `codybatch experiments run --file`.

    Arguments:
        folder: is made where it is not there.
        prompts: which ones; the first is the baseline.
        repetitions: of every prompt on every repository.

    Returns:
        The file that describes the experiment.
    """
    for name in ("prompts", "references"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in prompts:
        (folder / "prompts" / f"{name}.md").write_text(prompt_text(name), encoding="utf-8")
    tables = [_written(folder, repository) for repository in REPOSITORIES]
    head = [
        f"name = {json.dumps(NAME)}",
        f"question = {json.dumps(QUESTION)}",
        f"prompts = {json.dumps(list(prompts))}",
        f"repetitions = {repetitions}",
        'metric = "accepted"',
        f"budget_usd = {BUDGET_USD}",
    ]
    file = folder / FILE
    file.write_text("\n".join([*head, *tables, ""]), encoding="utf-8")
    return file


def _written(folder: Path, repository: str) -> str:
    """A repository's table, once its reference is written."""
    lines = [
        "",
        "[[repositories]]",
        f"repository = {json.dumps(repository)}",
        f"changes_necessary = {json.dumps(is_necessary(repository))}",
    ]
    if patch := reference_patch(repository):
        path = f"references/{repository.replace('/', '+')}.patch"
        (folder / path).write_bytes(patch)
        lines.append(f"reference = {json.dumps(path)}")
    return "\n".join(lines)
