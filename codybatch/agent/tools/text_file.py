"""A text file as the tools see it: lines ended by LF, with the way back to the file's own bytes."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from codybatch.domain.errors import ToolRefused
from codybatch.workspace.paths import shown

_BOM = b"\xef\xbb\xbf"
_UTF_16_BOMS = (b"\xff\xfe", b"\xfe\xff")
# git's own rule for "binary": a NUL in the first 8,000 bytes (xdiff-interface.c, buffer_is_binary).
_SNIFFED = 8_000


@dataclass(frozen=True)
class TextFile:
    """A decoded file. Encoding ``raw`` again gives the file's bytes."""

    raw: str
    """All of the text but a byte order mark, with its own line endings."""
    encoding: str
    """``utf-8``, or ``latin-1``, which stands for any 8-bit encoding: each byte is a character."""
    bom: bytes

    @property
    def text(self) -> str:
        """With every CRLF as LF."""
        return self.raw.replace("\r\n", "\n")

    def raw_offsets(self, *offsets: int) -> list[int]:
        """Offsets in ``text`` as offsets in ``raw``, where an LF's own offset is its CR's."""
        endings = self._crlf_offsets()
        return [offset + bisect_left(endings, offset) for offset in offsets]

    def line_ending_at(self, raw_offset: int) -> str:
        """How the line around an offset of ``raw`` ends; its neighbour above where it does not."""
        newline = self.raw.find("\n", raw_offset)
        if newline < 0:
            newline = self.raw.rfind("\n", 0, raw_offset)
        return "\r\n" if newline > 0 and self.raw[newline - 1] == "\r" else "\n"

    def encode(self, raw: str) -> bytes:
        """The bytes of a changed ``raw``, in the file's encoding and with its mark.

        Raises:
            ToolRefused: the encoding does not have a character.
        """
        try:
            return self.bom + raw.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise ToolRefused(
                f"The file is not UTF-8, and its encoding has no {error.object[error.start]!r}. "
                "Write it without that character."
            ) from None

    def with_own_endings(self, text: str) -> str:
        """``text`` with CRLF where every line of this file has it."""
        text = text.replace("\r\n", "\n")
        newlines = self.raw.count("\n")
        is_crlf = newlines and newlines == self.raw.count("\r\n")
        return text.replace("\n", "\r\n") if is_crlf else text

    def _crlf_offsets(self) -> list[int]:
        offsets: list[int] = []
        at = self.raw.find("\r\n")
        while at >= 0:
            offsets.append(at - len(offsets))
            at = self.raw.find("\r\n", at + 2)
        return offsets


def decoded(data: bytes, path: str) -> TextFile:
    """A file's bytes as text.

    Raises:
        ToolRefused: it is binary, or in UTF-16.
    """
    refuse_binary(data, path)
    return as_text(data)


def as_text(data: bytes) -> TextFile:
    """Bytes as UTF-8 where they are, else as 8-bit text, one character a byte."""
    bom = _BOM if data.startswith(_BOM) else b""
    body = data.removeprefix(bom)
    try:
        return TextFile(body.decode("utf-8"), "utf-8", bom)
    except UnicodeDecodeError:
        return TextFile(data.decode("latin-1"), "latin-1", b"")


def refuse_binary(head: bytes, path: str) -> None:
    """Look at a file's beginning.

    Raises:
        ToolRefused: it is binary, or in UTF-16.
    """
    if head.startswith(_UTF_16_BOMS):
        raise ToolRefused(
            f"{shown(path)} is in UTF-16; the tools read and change UTF-8 and 8-bit text only. "
            "Leave it as it is, and say so in your summary if it matters."
        )
    if is_binary(head):
        raise ToolRefused(f"{shown(path)} is a binary file, and has no text to read or change.")


def without_cut_characters(data: bytes) -> bytes:
    """A piece of a file without what a cut at either end left of a UTF-8 character."""
    start = 0
    while start < min(3, len(data)) and data[start] & 0xC0 == 0x80:
        start += 1
    end = len(data)
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0xC0:
            length = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            end -= back if length > back else 0
            break
        if byte < 0x80:
            break
    return data[start:end]


def is_binary(data: bytes) -> bool:
    """Whether git would take these bytes for binary."""
    return b"\0" in data[:_SNIFFED]
