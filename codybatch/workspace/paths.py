"""The rules of names inside a work tree: what may be named, and how a name is shown."""

from __future__ import annotations

import re
import unicodedata

from codybatch.domain.errors import ToolRefused

MAX_PATH_BYTES = 1_024
MAX_NAME_BYTES = 255
MAX_DEPTH = 64

# HFS+ leaves these out when it compares names (git's utf8.c, next_hfs_char), so that ".g\u200cit"
# is ".git" there.
_IGNORED_BY_HFS = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF]
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Characters that hide or reorder others; names and refusals show them escaped.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e0fff\\]"
)


def parts_of(path: str) -> tuple[str, ...]:
    """The components of a path that the model gave, relative to the work tree's root.

    Components of ``.`` and empty ones are left out, so the root itself is the empty tuple.

    Raises:
        ToolRefused: the path is absolute, goes up, names a git directory, or holds what no path
            of ours may hold.
    """
    if len(path) > MAX_PATH_BYTES:
        raise ToolRefused(
            f"The path {shown(path[:100])}… is too long: at most {MAX_PATH_BYTES:,} characters."
        )
    if path.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", path):
        raise ToolRefused(
            f"{shown(path)} is not inside the repository: paths are relative to its root, such as "
            "src/app.py. list_files shows what there is."
        )
    if "\\" in path or _CONTROL.search(path):
        raise ToolRefused(
            f"{shown(path)} holds a backslash or a control character. Components are separated by "
            "'/'; copy a name exactly as list_files or glob shows it."
        )
    parts = tuple(part for part in path.split("/") if part not in {"", "."})
    check_parts(parts)
    return parts


def check_parts(parts: tuple[str, ...]) -> None:
    """Refuse components that could lead out of the work tree or into a git directory.

    Raises:
        ToolRefused: a component goes up or names a git directory.
    """
    path = "/".join(parts)
    if ".." in parts:
        raise ToolRefused(
            f"{shown(path)} goes up with '..'. Give the path from the repository's root."
        )
    if any(is_git_name(part) for part in parts):
        raise ToolRefused(
            f"{shown(path)} names a git directory; those are never read or changed here."
        )


def check_new(parts: tuple[str, ...]) -> None:
    """Refuse a new name that some file systems cannot hold.

    Raises:
        ToolRefused: the path or a component is too long.
    """
    names = [name_bytes(part) for part in parts]
    if (
        sum(len(name) + 1 for name in names) > MAX_PATH_BYTES
        or any(len(name) > MAX_NAME_BYTES for name in names)
        or len(parts) > MAX_DEPTH
    ):
        raise ToolRefused(
            f"The path {shown('/'.join(parts)[:100])}… is too long: at most {MAX_PATH_BYTES:,} "
            f"bytes, {MAX_NAME_BYTES} bytes a component and {MAX_DEPTH} components."
        )


def name_bytes(name: str) -> bytes:
    """A name as the file system has it; bytes that are not UTF-8 were kept as surrogates.

    Raises:
        ToolRefused: the name holds a surrogate that stands for no byte.
    """
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ToolRefused(
            f"{shown(name)} is not a valid name. Copy a name exactly as list_files shows it."
        ) from None


def is_git_name(name: str) -> bool:
    """Whether some file system takes ``name`` for ``.git``: any case, trailing dots and spaces,
    alternate streams, its short name on NTFS, characters that HFS+ ignores.
    """
    if name.isascii() and "git" not in name.lower():  # almost every name there is
        return False
    plain = unicodedata.normalize("NFKC", name.translate(_IGNORED_BY_HFS)).casefold()
    return plain.partition(":")[0].rstrip(". ") in {".git", "git~1"}


def shown(path: str) -> str:
    """``path`` as people and the model see it: what is invisible or not UTF-8 is escaped."""
    return _UNSEEN.sub(_escaped, path)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
