"""Characters that hide text, reorder it or steer a terminal.

The bidirectional ones are those of "Trojan Source" (CVE-2021-42574); the rest have no mark of their
own (Unicode Standard Annex 44, categories Cf, Cc, Zl, Zp and Default_Ignorable_Code_Point). Where
writing needs one, it is let pass: joiners in scripts and emoji that use them, the selector after an
emoji, a byte order mark at the start of a file.
"""

from __future__ import annotations

import re
import unicodedata

_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u2065"
    "\u206a-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Tab and form feed are ordinary in source; a carriage return ends a line, or stands in its middle.
_CONTROL = "\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"
_SUSPECT = re.compile(f"[{_BIDIRECTIONAL}{_UNSEEN}{_CONTROL}]|\r(?!$)")
_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER = "\u200c", "\u200d"
_BYTE_ORDER_MARK = "\ufeff"
_EMOJI_SELECTORS = "\ufe0e\ufe0f"
# Arabic to Khmer and Mongolian: scripts whose words need joiners.
_JOINING_SCRIPTS = ((0x0600, 0x109F), (0x1780, 0x18AF), (0xA800, 0xABFF), (0x11000, 0x11FFF))


def invisible_in(line: str, *, first_line: bool = False) -> list[str]:
    """The names of the invisible and reordering characters of a line, each once, in order.

    Arguments:
        line: without its line feed.
        first_line: whether a file begins with it, where a byte order mark may stand.
    """
    found = (
        found[0]
        for found in _SUSPECT.finditer(line)
        if not _belongs(line, found.start(), first_line)
    )
    return [_named(character) for character in dict.fromkeys(found)]


def _belongs(line: str, place: int, first_line: bool) -> bool:
    character = line[place]
    before = line[place - 1] if place else ""
    after = line[place + 1 : place + 2]
    if character == _BYTE_ORDER_MARK:
        return first_line and place == 0
    if character in _EMOJI_SELECTORS:
        return _is_symbol(before) or before in set("0123456789#*")
    if character == _ZERO_WIDTH_JOINER and _ends_emoji(before) and _is_symbol(after):
        return True
    if character in {_ZERO_WIDTH_JOINER, _ZERO_WIDTH_NON_JOINER}:
        return _is_joining(before) and (not after or _is_joining(after) or after.isspace())
    return False


def _is_symbol(character: str) -> bool:
    return (
        bool(character)
        and unicodedata.category(character) in {"So", "Sk", "Sm", "Po", "Pd"}
        and (ord(character) > 0xA8)
    )


def _ends_emoji(character: str) -> bool:
    # An emoji may carry a skin tone (Sk) or a selector before it is joined to the next.
    return character in set(_EMOJI_SELECTORS) or _is_symbol(character)


def _is_joining(character: str) -> bool:
    return bool(character) and any(
        first <= ord(character) <= last for first, last in _JOINING_SCRIPTS
    )


def _named(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}{f' {name}' if name else ''}"
