"""Writes docs/notebooks/: every notebook with what it shows. ``make notebooks`` runs it.

They run on the living demonstration's data, in a kernel of their own, one after the other. Pictures
become SVG files beside the page, because code hosts take SVG out of Markdown.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

from codybatch.cli.demonstrated_experiment import run_experiment
from tests.notebooks.demonstrated import demonstrate, staged

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
PAGES = ROOT / "docs" / "notebooks"
MADE = "<!-- Made from the notebook by `make notebooks`; change the notebook, not this page. -->"
STYLE = re.compile("<style.*?</style>", re.DOTALL)
SECONDS = 240
"""That one cell may take on a busy machine."""


EXPERIMENT = NOTEBOOKS / "prompt-experiment.ipynb"
"""The one that runs things itself, and needs the finished experiment and the stand-ins."""


def notebooks() -> list[Path]:
    """All of them, by name."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def readers() -> list[Path]:
    """Those that only look at what there is."""
    return [one for one in notebooks() if one != EXPERIMENT]


def executed(notebook: Path, home: Path, **settings: str) -> Any:
    """A notebook with its outputs.

    Args:
        notebook: its file, which stays as it is.
        home: CODYBATCH_HOME of its kernel, and where it writes.
        settings: further variables of its environment.
    """
    found = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(found, timeout=SECONDS, kernel_name="python3")
    own = {"CODYBATCH_HOME": str(home), **settings, "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **own}
    client.execute(env=environment, cwd=str(home))
    return found


def page_of(found: Any, name: str) -> tuple[str, dict[str, bytes]]:
    """A notebook that was executed as Markdown, and the files beside it."""
    exporter = MarkdownExporter()  # type: ignore[no-untyped-call]
    pictures: dict[str, bytes] = {}
    for cell in found.cells:
        cell.outputs = _without_former_bars(cell.get("outputs", []))
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/svg+xml" in data:
                file = f"{name}-{len(pictures) + 1}.svg"
                pictures[file] = data.pop("image/svg+xml").encode()
                title = re.search("<title[^>]*>([^<]*)", pictures[file].decode())
                data["text/markdown"] = f"![{title[1] if title else name}]({file})"
                data.pop("text/html", None)
            elif "text/html" in data:
                data["text/html"] = _on_one_line(STYLE.sub("", data["text/html"]))
    text, _ = exporter.from_notebook_node(found)
    heading, _, rest = text.partition("\n")
    return f"{heading}\n\n{MADE}\n{rest}".rstrip() + "\n", pictures


def _without_former_bars(outputs: list[Any]) -> list[Any]:
    """A cell's outputs; of a bar, which writes over itself, as it is in the end."""
    bars = [one for one in outputs if one.output_type == "stream"]
    for one in bars:
        one.text = one.text.strip().split("\r")[-1] + "\n"
    last = [one for one in bars if one.text.strip()][-1:]
    former = set(map(id, bars)) - set(map(id, last))
    return [one for one in outputs if id(one) not in former]


def _on_one_line(html: str) -> str:
    """Our own HTML without line feeds: at an empty line Markdown would take over again."""
    return html.replace("\n", "&#10;") if html.startswith('<div class="codybatch"') else html


def main() -> None:
    """Run the demonstration in a home of its own, and write all pages anew."""
    shutil.rmtree(PAGES, ignore_errors=True)
    PAGES.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        with staged(Path(folder)) as cb:
            demonstrate(cb)
        for notebook in readers():
            write(notebook, executed(notebook, Path(folder)))
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder), 0) as cb:
        app = cb.application
        run_experiment(app)
        home = app.settings.home
        write(EXPERIMENT, executed(EXPERIMENT, home, **app.settings.as_environment()))


def write(notebook: Path, found: Any) -> None:
    """Write a notebook that was executed as a page, with its pictures beside it."""
    page, pictures = page_of(found, notebook.stem)
    (PAGES / f"{notebook.stem}.md").write_text(page, encoding="utf-8")
    for name, content in pictures.items():
        (PAGES / name).write_bytes(content)


if __name__ == "__main__":
    main()
