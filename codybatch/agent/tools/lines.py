"""Lines as the tools show them: numbered, bounded, with a word about what cannot be seen."""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.workspace.invisible import invisible_in

MAX_LINE_CHARACTERS = 2_000
_MAX_NAMED = 10


def numbered(lines: Sequence[str], first: int) -> str:
    """Lines as ``cat -n`` writes them."""
    return "\n".join(f"{first + n:6d}\t{cut(line)}" for n, line in enumerate(lines))


def that_fit(lines: Sequence[str], most: int) -> Sequence[str]:
    """As many whole lines as have ``most`` bytes together when shown; always one."""
    left = most
    for count, line in enumerate(lines):
        left -= len(cut(line).encode()) + len("123456\t\n")
        if left < 0 and count:
            return lines[:count]
    return lines


def cut(line: str) -> str:
    """A line, without what is beyond 2,000 characters; a NUL as its symbol, for JSON's sake."""
    line = line.replace("\0", "\u2400")
    if len(line) <= MAX_LINE_CHARACTERS:
        return line
    return f"{line[:MAX_LINE_CHARACTERS]} [line cut: {len(line):,} characters]"


def split(text: str) -> list[str]:
    """The lines of a text; an LF at its end begins no further one."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def unseen_note(lines: Sequence[str], first: int) -> str:
    """A note that names the lines with invisible or reordering characters; empty without any."""
    numbers = [first + n for n, line in enumerate(lines) if invisible_in(line)]
    if not numbers:
        return ""
    named = ", ".join(f"{number:,}" for number in numbers[:_MAX_NAMED])
    more = f" and {len(numbers) - _MAX_NAMED:,} more" if len(numbers) > _MAX_NAMED else ""
    return f"\n[note: invisible or text-reordering characters on line {named}{more}]"
