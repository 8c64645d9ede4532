"""A job's change as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.analysis.display.sheet import Html, Sheet, cut_text, joined, tag
from codybatch.domain.jobs import Job
from codybatch.services.findings import Clean
from codybatch.services.patch_files import PatchFile, read_patch
from codybatch.services.patch_text import PLACE, name_of, notes_of, placed_lines
from codybatch.services.wording import MINUS

OPEN_LINES = 200
"""Files are open until so many lines are shown; the others open by a click."""
_CLASSES = {PLACE: "cb-at", "+": "cb-add", "-": "cb-del"}


@dataclass(frozen=True)
class Diff:
    """The patch of a job, for reading: secrets are out of it, and what hides is in plain sight.

    ``patch`` of the job holds its bytes as they are, for ``git apply``.
    """

    job: Job
    patch: bytes
    clean: Clean

    @property
    def files(self) -> tuple[PatchFile, ...]:
        """The files that it changes."""
        return read_patch(self.patch)

    def __repr__(self) -> str:
        """The patch as plain text."""
        files = self.files
        lines = [line for file in files for line in self._text_of(file)]
        return cut_text("\n".join([self._head(files), *lines]), f"job({self.job.id!r}).patch")

    def _repr_html_(self) -> str:
        files = self.files
        sheet = Sheet(f"Change of the job {self.job.id}")
        sheet.add(tag("div", tag("strong", self._head(files)), class_="cb-head"))
        opened = left_files = left_lines = 0
        for file in files:
            part, left = self._file(file, sheet.room, is_open=opened < OPEN_LINES)
            opened += len(file.lines)
            fits = sheet.add(part)
            left_files += not fits
            left_lines += left if fits else len(file.lines)
        if left_files or left_lines:
            sheet.note(
                f"Left out, to keep this output small: {left_lines:,} lines and {left_files} "
                f"whole files. job({self.job.id!r}).patch has everything."
            )
        return sheet.html()

    def _head(self, files: tuple[PatchFile, ...]) -> str:
        if not files:
            return f"{self.job.repository.full_name}: no change"
        added, removed = sum(f.additions for f in files), sum(f.deletions for f in files)
        many = "file" if len(files) == 1 else "files"
        name = self.job.repository.full_name
        return f"{name}: {len(files)} {many}, +{added} {MINUS}{removed}"

    def _text_of(self, file: PatchFile) -> Iterator[str]:
        yield f"── {name_of(file, self.clean)} ({file.status.value})"
        yield from notes_of(file)
        yield from (line for _, line in placed_lines(file, self.clean))

    def _file(self, file: PatchFile, room: int, *, is_open: bool) -> tuple[Html, int]:
        """A file as far as there is room, and how many of its lines are left out."""
        figures = f" +{file.additions} {MINUS}{file.deletions}"
        head = tag(
            "summary",
            tag("code", name_of(file, self.clean)),
            tag("span", f"{figures} {file.status.value}", class_="cb-quiet"),
        )
        notes = [tag("p", note, class_="cb-quiet") for note in notes_of(file)]
        room -= len(joined(head, *notes).encode()) + 100
        lines: list[Html] = []
        left = 0
        for sign, line in placed_lines(file, self.clean):
            class_ = _CLASSES.get(sign)
            shown = tag("span", line, class_=class_) if class_ else tag("span", line)
            room -= len(shown.encode())
            if room < 0:
                left += sign != PLACE
            else:
                lines.append(shown)
        body = [tag("pre", *lines)] if lines else []
        return tag("details", head, *notes, *body, open=is_open), left
