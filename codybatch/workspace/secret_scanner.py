"""The secret scanner: where a text holds credentials, by their form and what stands beside them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from codybatch.workspace.patterns import Pattern
from codybatch.workspace.secret_patterns import (
    FAMILIES,
    KEY_BEGIN,
    KEY_END,
    Detector,
    Proof,
)

PLACEHOLDER = re.compile(r"\[redacted(?:-secret-[0-9a-f]{8})?\]")

_MAX_KEY_BYTES = 32 * 1024
_KEY_RUN = re.compile(rb"\\[nr]|([A-Za-z0-9+/=]{4,})")
_KEY_LINE = re.compile(rb"[A-Za-z0-9+/=\\]{2,}")
_KEY_LINE_EDGES = b" \t\r\n\"'`,;#*+()"
_LONG_RUN = 32
_WHOLE_RUN = 16
_LOOKED_AT = 1_000

_FILLER = re.compile(r"[xX*.•_0-]{8,}|(?i:example)|(?i:placeholder)|(?i:your[-_])")
_REFERENCE = re.compile(
    r"^[$%<&@]|\$\{|\$\(|\{\{|\{[a-z_.]*\}|%\(|%s|<[a-z_ -]+>|\.\.\.|://|environ|getenv|process\.env|"
    r"\[\^?[\w\\]-|\\[swdbSWDB]|\(\?|"  # a regular expression
    r"^(?:ENV|env|secrets?|vault|ssm|arn|file|path|vars?)[\[.:/]",
)
_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}")
_STOP_WORD = re.compile(
    r"pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|api|key|bearer|basic|auth|login|"
    r"test(?:ing)?|example|sample|dummy|fake|mock|placeholder|redacted|change|insert|your|my|here|"
    r"none|null|true|false|default|undefined|invalid|wrong|correct|value|string|"
    r"foo|bar|baz|qux|admin|root|user(?:name)?|guest|postgres|mysql|redis|mongo(?:db)?|rabbitmq|"
    r"abc(?:def)?|qwerty|x{2,}|0?1?23(?:4|45|456|4567|45678|456789|4567890)?|[^a-z0-9]+"
)
# A name in a program: snake, kebab or camel case, dotted or not, with few digits.
_IDENTIFIER = re.compile(
    r"[A-Za-z]{2,}[0-9]?(?:[_.:/-][A-Za-z]{2,}[0-9]{0,2})+[0-9]{0,2}(?:\(\))?|"
    r"[A-Z]?[a-z]+[0-9]{0,5}(?:\.?[A-Z][a-z]{2,}[0-9]{0,5})+\.?"
)
_CODE = re.compile(
    r"^[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+$|[|\\]|=[^=]|->|&&|\+\+|\*\*|"
    r"@[\w-]+(?:[:/]|\.\w)"  # an address, which has a detector of its own
)


@dataclass(frozen=True, order=True)
class SecretSpan:
    """Where a secret stands: always within one line."""

    start: int
    end: int
    rule: str


class SecretScanner:
    """Finds secrets in text. Holds no text and no state; may be used by several threads."""

    def __init__(self, families: Iterable[Iterable[Detector]] = FAMILIES) -> None:
        """Compile the detectors' patterns."""
        self._families = [_Family(tuple(family)) for family in families]
        self._key_begin = Pattern(KEY_BEGIN)
        self._key_end = Pattern(KEY_END)

    def find(self, text: str) -> tuple[SecretSpan, ...]:
        """The secrets of ``text`` in order, none overlapping another.

        A key block is found line by line, so that pages and cuts at line ends never show half.
        """
        data = text.encode("utf-8", "surrogatepass")
        spans = merged([*self._matches(data), *self._keys(data)])
        return spans if len(data) == len(text) else tuple(_in_characters(data, spans))

    def _matches(self, data: bytes) -> Iterator[SecretSpan]:
        for family in self._families:
            yield from family.find(data)

    def _keys(self, data: bytes) -> Iterator[SecretSpan]:
        begins = [*self._key_begin.spans(data), (len(data), len(data))]
        for (_, begin), (following, _) in pairwise(begins):
            region = data[begin : min(following, begin + _MAX_KEY_BYTES)]
            end = next((start for start, _ in self._key_end.spans(region)), None)
            for start, stop in _key_runs(region if end is None else region[:end], end is not None):
                yield SecretSpan(begin + start, begin + stop, "private-key")


class _Family:
    """Detectors that are asked for together first, then one by one."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        self._any = Pattern("|".join(f"(?:{detector.pattern})" for detector in detectors))
        self._each = [(detector, Pattern(detector.pattern)) for detector in detectors]

    def find(self, data: bytes) -> Iterator[SecretSpan]:
        if not self._any.found_in(data):
            return
        for detector, pattern in self._each:
            for start, end in pattern.values(data):
                value = data[start:end].decode("utf-8", "replace")
                if _is_plausible(value, detector.proof):
                    yield SecretSpan(start, end, detector.name)


def merged(spans: Iterable[SecretSpan]) -> tuple[SecretSpan, ...]:
    """Spans in order, those that overlap made one."""
    whole: list[SecretSpan] = []
    for span in sorted(spans):
        if whole and span.start < whole[-1].end:
            last = whole[-1]
            whole[-1] = SecretSpan(last.start, max(last.end, span.end), last.rule)
        else:
            whole.append(span)
    return tuple(whole)


def _in_characters(data: bytes, spans: Iterable[SecretSpan]) -> Iterator[SecretSpan]:
    """Spans counted in characters instead of bytes, in one pass."""
    byte = character = 0
    for span in spans:
        start = character + len(data[byte : span.start].decode("utf-8", "surrogatepass"))
        length = len(data[span.start : span.end].decode("utf-8", "surrogatepass"))
        byte, character = span.end, start + length
        yield SecretSpan(start, character, span.rule)


def _key_runs(region: bytes, is_closed: bool) -> Iterator[tuple[int, int]]:
    """The runs of base64 between a key's BEGIN and END; none where there is only talk of a key."""
    lines = list(_lines(region))
    if not any(
        match[1] and len(match[1]) >= _LONG_RUN
        for line in lines
        for match in _KEY_RUN.finditer(line)
    ):
        return
    offset = 0
    for number, line in enumerate(lines):
        is_body = _KEY_LINE.fullmatch(line.strip(_KEY_LINE_EDGES)) is not None
        if not is_closed and number and not is_body and line.strip() and b":" not in line:
            return
        for match in _KEY_RUN.finditer(line):
            if match[1] and (is_body or len(match[1]) >= _WHOLE_RUN):
                # A plus at the beginning of a line is a diff's.
                skip = number > 0 and match.start(1) == 0 and match[1].startswith(b"+")
                yield offset + match.start(1) + skip, offset + match.end(1)
        offset += len(line)


def _lines(data: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        yield data[start:end]
        start = end


def _is_plausible(value: str, proof: Proof) -> bool:
    value = PLACEHOLDER.sub("", value[:_LOOKED_AT])
    if len(value) < 3 or _FILLER.search(value):
        return False
    if proof is Proof.FORM:
        return True
    if _REFERENCE.search(value) or _COLOUR.fullmatch(value):
        return False
    left = _STOP_WORD.sub("", value.lower())
    if proof is Proof.PASSWORD:
        return len(left) >= 2
    if len(left) < 4 or _IDENTIFIER.fullmatch(value):
        return False
    return _looks_random(value) and (proof is Proof.VALUE or _is_no_code(value))


def _looks_random(value: str) -> bool:
    letters = any(character.isalpha() for character in value)
    digits = any(character.isdigit() for character in value)
    cases = value != value.lower() and value != value.upper()
    if letters and digits:
        return _entropy(value) >= 2.5
    return letters and cases and len(value) >= 20 and _entropy(value) >= 3.5


def _is_no_code(value: str) -> bool:
    digits = sum(character.isdigit() for character in value)
    return digits >= 2 and _entropy(value) >= 2.75 and _CODE.search(value) is None


def _entropy(value: str) -> float:
    """Shannon's entropy of the characters, in bits a character."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
