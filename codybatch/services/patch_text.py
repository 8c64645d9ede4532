"""The texts of a patch made fit to be shown: lines, names, and notes on what no line shows.

Secrets are taken out file by file and in the order of the patch, so that a key is known in each of
its lines. What hides, reorders or is not UTF-8 is shown as its escape.
"""

from __future__ import annotations

from collections.abc import Iterator

from codybatch.services.findings import Clean
from codybatch.services.patch_files import PatchFile
from codybatch.services.plain_text import in_plain_sight

LINE_CHARACTERS = 2_000
"""Of a line that are shown; the download has all of it."""
PLACE = "@"
"""The sign of what is no line but says where the next ones stand."""
_MODES = {b"100644": "plain file", b"100755": "executable", b"120000": "symbolic link"}


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
    return [chr(kind) + cut(line) for kind, line in zip(file.kinds, lines, strict=True)]


def placed_lines(file: PatchFile, clean: Clean) -> Iterator[tuple[str, str]]:
    """The lines of a file as they are shown, each behind its sign, and each run of them under its
    place, whose sign is ``PLACE``.
    """
    lines = shown_lines(file, clean)
    for hunk in file.hunks:
        heading = on_one_line(hunk.heading, clean)
        yield PLACE, f"@@ -{hunk.old_start} +{hunk.new_start} @@ {heading}".rstrip()
        for line in lines[hunk.first : hunk.stop]:
            yield line[:1], line


def name_of(file: PatchFile, clean: Clean) -> str:
    """A file's name on one line; of a renamed one both."""
    path = on_one_line(file.path, clean)
    if file.old_path == file.path:
        return path
    return f"{on_one_line(file.old_path, clean)} → {path}"


def notes_of(file: PatchFile) -> list[str]:
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


def on_one_line(text: bytes, clean: Clean) -> str:
    """A name or heading on one line."""
    shown = in_plain_sight(clean(text.decode("utf-8", "backslashreplace")))
    return shown.replace("\n", "\\n").replace("\t", "\\t")


def cut(line: str) -> str:
    """A line as far as it is shown, and how much it goes on."""
    if len(line) <= LINE_CHARACTERS:
        return line
    return f"{line[:LINE_CHARACTERS]} … ({len(line) - LINE_CHARACTERS:,} more characters)"


def _mode(mode: bytes) -> str:
    return _MODES.get(mode, f"mode {mode.decode('ascii', 'replace')[:12]}") if mode else ""
