"""A patch as the component gets it: names, figures and lines as plain text, fit to be shown.

Secrets are taken out file by file and in the order of the patch, so that a key is known in each of
its lines. What hides, reorders or is not UTF-8 is shown as its escape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from codybatch.services.plain_text import in_plain_sight
from codybatch.ui.diff.parts import Part, parts_of
from codybatch.ui.diff.patch_files import PatchFile, read_patch
from codybatch.ui.plain_text import Clean

INLINE_BYTES = 6_000_000
"""Of a patch that is sent whole, so that any of its files is there at once."""
FIRST_BYTES = 1_000_000
"""Of a larger patch that are sent with its index; the rest follows where somebody looks."""
ANSWER_BYTES = 2_000_000
"""Of parts that are sent at once when they are asked for."""
LARGE_LINES = 1_500
"""A file with more is drawn only when it is asked for."""
LINE_CHARACTERS = 2_000
"""Of a line that are shown; the download has all of it."""
_LANGUAGE = re.compile(r"[a-z0-9+#]{1,12}")
_BY_NAME = {"dockerfile": "dockerfile", "makefile": "makefile", "cmakelists.txt": "cmake"}
_MODES = {b"100644": "plain file", b"100755": "executable", b"120000": "symbolic link"}

PartNumber = tuple[int, int]
"""A file's number and the number of one of its parts, both from 0."""


@dataclass
class ShownDiff:
    """A patch that was read for display; its lines are made fit when they are asked for."""

    files: tuple[PatchFile, ...]
    parts: tuple[tuple[Part, ...], ...]
    """Of each file."""
    size: int
    """Of the patch, in bytes."""
    clean: Clean
    _texts: dict[int, list[str]] = field(default_factory=dict)

    @property
    def additions(self) -> int:
        """Added lines."""
        return sum(file.additions for file in self.files)

    @property
    def deletions(self) -> int:
        """Removed lines."""
        return sum(file.deletions for file in self.files)

    @property
    def is_whole(self) -> bool:
        """Whether all of it is sent at once."""
        return self.size <= INLINE_BYTES

    def entries(self) -> list[dict[str, Any]]:
        """A line of the file list for each file."""
        return [_entry(file, self.parts[number], self.clean) for number, file in self._numbered()]

    def first_bodies(self) -> dict[str, list[list[Any]]]:
        """The parts that are sent with the entries: all, or the first of a very large patch."""
        numbers = ((file, part) for file in range(len(self.files)) for part in self._of(file))
        return self.bodies(numbers, INLINE_BYTES * 2 if self.is_whole else FIRST_BYTES)

    def bodies(
        self, wanted: Iterable[PartNumber], most: int = ANSWER_BYTES
    ) -> dict[str, list[list[Any]]]:
        """Parts by ``file:part``, of the wanted ones as many as ``most`` characters hold, and one
        at least; numbers that name nothing are passed over.
        """
        found: dict[str, list[list[Any]]] = {}
        size = 0
        for file, part in wanted:
            if not (0 <= file < len(self.files) and part in self._of(file)):
                continue
            body = self._body(file, part)
            size += sum(len(block[-1]) for block in body)
            if found and size > most:
                break
            found[f"{file}:{part}"] = body
        return found

    def _body(self, file: int, part: int) -> list[list[Any]]:
        """A part's blocks: where they begin, their headings, and their lines."""
        lines = self._lines(file)
        return [
            [
                block.old_start,
                block.new_start,
                block.old_count,
                block.new_count,
                _cut(_one_line(block.heading, self.clean)),
                "\n".join(lines[number] for one in block.ranges for number in one),
            ]
            for block in self.parts[file][part].blocks
        ]

    def _lines(self, number: int) -> list[str]:
        if number not in self._texts:
            self._texts[number] = shown_lines(self.files[number], self.clean)
        return self._texts[number]

    def _of(self, file: int) -> range:
        return range(len(self.parts[file]))

    def _numbered(self) -> Iterable[tuple[int, PatchFile]]:
        return enumerate(self.files)


def shown_diff(patch: bytes, clean: Clean) -> ShownDiff:
    """Read a patch for display.

    Args:
        patch: as the job made it.
        clean: takes secrets out of a text.
    """
    files = read_patch(patch)
    parts = tuple(tuple(parts_of(file.hunks, file.kinds)) for file in files)
    return ShownDiff(files, parts, len(patch), clean)


def shown_lines(file: PatchFile, clean: Clean) -> list[str]:
    """All lines of a file as they are shown, each with its ``+``, ``-`` or space."""
    contents = [line[1:] for line in file.lines]
    if contents and all(line.endswith(b"\r") for line in contents):
        contents = [line[:-1] for line in contents]  # of the whole file: no news in any line
    text = b"\n".join(contents).decode("utf-8", "backslashreplace")
    cleaned = clean(text)
    if cleaned.count("\n") != text.count("\n"):  # a secret of several lines was taken out as one
        cleaned = clean("\n".join(map(clean, text.split("\n"))))
    lines = in_plain_sight(cleaned).split("\n") if contents else []
    return [chr(kind) + _cut(line) for kind, line in zip(file.kinds, lines, strict=True)]


def _entry(file: PatchFile, parts: Sequence[Part], clean: Clean) -> dict[str, Any]:
    path, old_path = _one_line(file.path, clean), _one_line(file.old_path, clean)
    lines = sum(part.lines for part in parts)
    return {
        "path": path,
        "oldPath": old_path if file.old_path != file.path else "",
        "status": file.status.value,
        "notes": _notes(file),
        "additions": file.additions,
        "deletions": file.deletions,
        "lines": lines,
        "large": lines > LARGE_LINES,
        "parts": len(parts),
        "language": _language(path),
    }


def _notes(file: PatchFile) -> list[str]:
    """What no line of the file shows."""
    notes = []
    old, new = _mode(file.old_mode), _mode(file.new_mode)
    if old and new and old != new:
        notes.append(f"mode: {old} → {new}")
    elif new not in {"", _MODES[b"100644"]}:
        notes.append(new)
    if file.is_binary:
        notes.append("binary: its bytes are in the download alone")
    if file.hunks and file.old_lacks_end != file.new_lacks_end:
        which = "old" if file.old_lacks_end else "new"
        notes.append(f"the {which} version has no line feed at its end")
    if file.is_cut:
        notes.append("the patch ends within this file")
    if file.stray_lines:
        notes.append(f"lines that belong to no change and are not shown: {file.stray_lines:,}")
    if not (file.hunks or file.is_binary or notes):
        notes.append("no line changes" if file.old_path != file.path else "empty file")
    return notes


def _mode(mode: bytes) -> str:
    return _MODES.get(mode, f"mode {mode.decode('ascii', 'replace')[:12]}") if mode else ""


def _one_line(text: bytes, clean: Clean) -> str:
    shown = in_plain_sight(clean(text.decode("utf-8", "backslashreplace")))
    return shown.replace("\n", "\\n").replace("\t", "\\t")


def _cut(line: str) -> str:
    if len(line) <= LINE_CHARACTERS:
        return line
    return f"{line[:LINE_CHARACTERS]} … ({len(line) - LINE_CHARACTERS:,} more characters)"


def _language(path: str) -> str:
    """What to colour the lines as: the name's ending, as far as it looks like one."""
    name = path.rpartition("/")[2].lower()
    found = _BY_NAME.get(name) or name.rpartition(".")[2]
    return found if _LANGUAGE.fullmatch(found) else ""
