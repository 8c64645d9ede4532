"""Cody Batch: one prompt, several repositories, a durable job each.

What lives here: the packages below, one noun each; dependencies point inward to ``domain``. In a
notebook, ``connect`` gives all that is recorded as data frames.
What never does: work at import, logic that belongs in a service, knowledge of an adapter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from codybatch.analysis.workspace import Workspace

__all__ = ["connect"]


def connect(
    home: Path | str | None = None, *, demo: bool = False, allow_changes: bool = False
) -> Workspace:
    """Open what is recorded, for a notebook or a program of one's own.

    Args:
        home: folder of the embedded store; else CODYBATCH_HOME.
        demo: whether to look at the demonstration's results instead of one's own.
        allow_changes: whether requests can be submitted, cancelled and judged; a workspace is
            read-only unless asked.

    Raises:
        ImportError: what frames need is not installed: `pip install 'codybatch[notebooks]'`.
        InvalidSetting: a setting cannot be used.
        PolicyError: changes of the demonstration are asked for.
    """
    try:
        from codybatch.analysis.workspace import opened
    except ModuleNotFoundError as error:
        if str(error.name).startswith("codybatch"):
            raise
        raise ImportError(
            f"Data frames need {error.name}, which is not installed: "
            "pip install 'codybatch[notebooks]'"
        ) from error
    return opened(home, demo=demo, allow_changes=allow_changes)
