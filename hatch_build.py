"""Puts the workbench's script, pages and configuration into the wheel as ``codybatch/_app``.

They stand at the top of the repository, where Streamlit looks for them; an installed package has
no such place, so that ``codybatch up`` starts the copy beside the code. An editable install needs
no copy: it runs the files themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WORKBENCH = ("app.py", "pages", ".streamlit/config.toml")


class WorkbenchHook(BuildHookInterface[Any]):
    """Adds the workbench's files to a wheel; a file that is missing fails the build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Names the files to copy; ``version`` is ``editable`` or ``standard``."""
        if version != "editable":
            for name in WORKBENCH:
                build_data["force_include"][str(Path(self.root, name))] = f"codybatch/_app/{name}"
