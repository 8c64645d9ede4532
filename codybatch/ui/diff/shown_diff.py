"""A patch as the component gets it: names, figures and lines as plain text, fit to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from codybatch.services.patch_files import PatchFile, read_patch
from codybatch.services.patch_text import cut, notes_of, on_one_line, shown_lines
from codybatch.ui.diff.parts import Part, parts_of
from codybatch.ui.plain_text import Clean

INLINE_BYTES = 6_000_000
"""Of a patch that is sent whole, so that any of its files is there at once."""
FIRST_BYTES = 1_000_000
"""Of a larger patch that are sent with its index; the rest follows where somebody looks."""
ANSWER_BYTES = 2_000_000
"""Of parts that are sent at once when they are asked for."""
LARGE_LINES = 1_500
"""A file with more is drawn only when it is asked for."""
_LANGUAGE = re.compile(r"[a-z0-9+#]{1,12}")
_BY_NAME = {"dockerfile": "dockerfile", "makefile": "makefile", "cmakelists.txt": "cmake"}

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
                cut(on_one_line(block.heading, self.clean)),
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


def _entry(file: PatchFile, parts: Sequence[Part], clean: Clean) -> dict[str, Any]:
    path, old_path = on_one_line(file.path, clean), on_one_line(file.old_path, clean)
    lines = sum(part.lines for part in parts)
    return {
        "path": path,
        "oldPath": old_path if file.old_path != file.path else "",
        "status": file.status.value,
        "notes": notes_of(file),
        "additions": file.additions,
        "deletions": file.deletions,
        "lines": lines,
        "large": lines > LARGE_LINES,
        "parts": len(parts),
        "language": _language(path),
    }


def _language(path: str) -> str:
    """What to colour the lines as: the name's ending, as far as it looks like one."""
    name = path.rpartition("/")[2].lower()
    found = _BY_NAME.get(name) or name.rpartition(".")[2]
    return found if _LANGUAGE.fullmatch(found) else ""
