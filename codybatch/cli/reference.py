"""Pages of reference, made from the code: ``python -m codybatch.cli.reference docs``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

WIDTH = 96
"""Characters a line of help."""
MADE = "<!-- Made from the code by `make docs`; change the code, not this page. -->"

READ = (
    "Settings are environment variables, read once when a process starts; "
    "`codybatch doctor` checks them. AWS's own variables, such as `AWS_REGION` and `AWS_PROFILE`, "
    "keep their names; they count where `CODYBATCH_STORE` is `aws`.\n"
)
DEBUG = "| `CODYBATCH_DEBUG` |  | Log to standard error, tracebacks too, as `codybatch -v` does. |"


def write_pages(folder: Path) -> None:
    """Write every page into ``folder``."""
    for name, content in pages().items():
        (folder / name).write_text(content, encoding="utf-8")


def pages() -> dict[str, str]:
    """The pages by their file names."""
    from codybatch.analysis.reference import notebooks_page
    from codybatch.analysis.report_files.reference import reports_page

    return {
        "api.md": api_page(),
        "commands.md": commands_page(),
        "notebooks.md": notebooks_page(MADE),
        "reports.md": reports_page(MADE),
        "settings.md": settings_page(),
    }


def api_page() -> str:
    """Every endpoint of the HTTP API, with the scope that it needs."""
    from codybatch.api.reference import page

    return page(MADE)


def commands_page() -> str:
    """Every command that people use, with its help."""
    from codybatch.cli.main import app

    root = typer.main.get_command(app)
    sections = [f"## {name}\n\n```text\n{text}\n```\n" for name, text in _helps(root, "codybatch")]
    return "\n".join(["# Commands\n", MADE + "\n", *sections])


def _helps(command: Any, name: str, parent: Any = None) -> Iterator[tuple[str, str]]:
    """The names and help texts of a command and of those below it, hidden ones left out."""
    last = name.rpartition(" ")[2]
    context = typer.Context(
        command, parent=parent, info_name=last, terminal_width=WIDTH, max_content_width=WIDTH
    )
    lines = (line.rstrip() for line in command.get_help(context).splitlines())
    yield name, "\n".join(lines).strip()
    for below in getattr(command, "commands", {}).values():
        if not below.hidden:
            yield from _helps(below, f"{name} {below.name}", context)


def settings_page() -> str:
    """Every setting: its variable, its default and what it is for."""
    from codybatch.settings import Settings, variables

    named = variables()
    rows = [
        f"| `{named[name]}` | {_default_of(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(
        [
            "# Settings\n",
            MADE + "\n",
            READ,
            "| variable | default | what it is |",
            "|---|---|---|",
            *rows,
            DEBUG,
            "",
        ]
    )


def _default_of(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "the system's folder for a user's data"
    default = field.default
    if default is None or str(default) == "" or getattr(default, "patterns", None) == ():
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
