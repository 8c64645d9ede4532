"""Redaction: secrets of a repository by stable placeholders, and our own wherever text goes out.

What the model is sent is redacted where a tool result is made, so that what is sent, stored and
resumed are the same bytes. The placeholders are stable within a job, and the edit tools turn them
back into the secrets of the file they edit, and of no other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from codybatch.domain.errors import ToolRefused
from codybatch.workspace.secret_scanner import (
    SecretScanner,
    SecretSpan,
    merged,
)

__all__ = ["Net", "RedactedText", "Redactor", "SecretScanner", "SecretSpan"]

REDACTED = "[redacted]"
_MIN_KNOWN = 6
_STABLE = re.compile(r"\[redacted-secret-[0-9a-f]{8}\]")


class RedactedText:
    """A text with placeholders for its secrets, and the way back."""

    def __init__(self, raw: str, spans: tuple[SecretSpan, ...], salt: bytes) -> None:
        """Redact ``raw``, whose secrets stand at ``spans``."""
        self._raw = raw
        self._secrets: dict[str, str | None] = {}
        # Where each secret ends, in the raw text and in the redacted one.
        self._ends: list[int] = []
        self._places: list[tuple[int, int, int, int]] = []
        self.text = self._redacted(spans, salt)
        """What the model may see."""

    @property
    def secrets(self) -> frozenset[str]:
        """The values that stand behind the placeholders."""
        return frozenset(self._raw[start:end] for start, end, _, _ in self._places)

    def raw_range(self, start: int, end: int) -> tuple[int, int] | None:
        """The raw text's range behind a range of ``text``; None where it cuts a placeholder."""
        first, last = self._raw_offset(start), self._raw_offset(end)
        return None if first is None or last is None else (first, last)

    def restore(self, text: str) -> str:
        """``text`` with the secrets of this very text in place of their placeholders.

        Raises:
            ToolRefused: a placeholder stands for no secret of this text.
        """
        return _STABLE.sub(self._secret, text)

    def _redacted(self, spans: tuple[SecretSpan, ...], salt: bytes) -> str:
        pieces: list[str] = []
        raw_at = shown_at = 0
        for span in spans:
            value = self._raw[span.start : span.end]
            name = _placeholder(value, salt)
            # Two secrets of one name (32 bits) can be told apart by nobody: neither is restored.
            known = self._secrets.setdefault(name, value)
            self._secrets[name] = value if known == value else None
            pieces += [self._raw[raw_at : span.start], name]
            start = shown_at + span.start - raw_at
            raw_at, shown_at = span.end, start + len(name)
            self._places.append((span.start, span.end, start, shown_at))
            self._ends.append(shown_at)
        return "".join([*pieces, self._raw[raw_at:]])

    def _raw_offset(self, offset: int) -> int | None:
        before = bisect_right(self._ends, offset)
        if before < len(self._places) and self._places[before][2] < offset:
            return None
        if not before:
            return offset
        _, raw_end, _, shown_end = self._places[before - 1]
        return raw_end + offset - shown_end

    def _secret(self, match: re.Match[str]) -> str:
        name = match[0]
        secret = self._secrets.get(name)
        if secret is not None:
            return secret
        if name not in self._secrets and name in self._raw:
            return name
        raise ToolRefused(
            f"{name} stands for no secret of this file, so it cannot be written. Placeholders only "
            "work in the file they were shown for; a secret is never copied to another. Write the "
            "change without it, for example by reading the value from the environment."
        )


class Redactor:
    """Replaces the secrets of repository text by placeholders that are stable within one job."""

    def __init__(self, scanner: SecretScanner, salt: str) -> None:
        """Begin a job.

        Args:
            scanner: what counts as a secret.
            salt: the job's own, not guessable by who reads the thread: with it, and a guess of a
                weak secret, a placeholder can be worked out.
        """
        self._scanner = scanner
        self._salt = salt.encode()
        self._moved: tuple[str, ...] = ()

    def view(self, text: str) -> RedactedText:
        """A text as the model may see it, with the way back."""
        spans = merged([*self._scanner.find(text), *self._known(text)])
        return RedactedText(text, spans, self._salt)

    def redact(self, text: str) -> str:
        """``text`` with placeholders for its secrets."""
        return self.view(text).text

    def restore(self, text: str, file_text: str) -> str:
        """``text`` with its placeholders turned back into the secrets of ``file_text``.

        Raises:
            ToolRefused: one stands for no secret of that file.
        """
        return self.view(file_text).restore(text)

    def keep(self, before: RedactedText, after: str) -> None:
        """Go on redacting what an edit left in a file, also where it took away what gave it away.

        Without this, renaming ``password = "…"`` to ``x = "…"`` would show the value afterwards.
        Only edits lead here, which a resumed job repeats; so results stay the same on resume.
        """
        left = {
            secret for secret in before.secrets if len(secret) >= _MIN_KNOWN and secret in after
        }
        self._moved = tuple(sorted(left.union(self._moved)))

    def _known(self, text: str) -> Iterator[SecretSpan]:
        for value in self._moved:
            for start in occurrences(text, value):
                yield SecretSpan(start, start + len(value), "moved-secret")


class Net:
    """The second net, over logs, events, summaries, pull requests, views and exports: nothing
    leaves there that is known to be a secret or looks like one.
    """

    def __init__(self, values: Iterable[str], scanner: SecretScanner) -> None:
        """Make a net.

        Args:
            values: secrets of our own, by value; shorter than 6 characters they are not looked for.
            scanner: what else counts as a secret.
        """
        self._values = tuple(values)
        self._known = _pattern_of(self._values)
        self._scanner = scanner

    def know(self, values: Iterable[str]) -> None:
        """Take these out too, and those of an earlier call no longer: tokens that live for an hour.

        Args:
            values: all that are alive.
        """
        self._known = _pattern_of((*self._values, *values))

    def clean(self, text: str) -> str:
        """``text`` with ``[redacted]`` in place of every secret; placeholders stay."""
        known = self._known  # another thread may replace it
        if known is not None:
            text = known.sub(REDACTED, text)
        pieces: list[str] = []
        at = 0
        for span in self._scanner.find(text):
            pieces += [text[at : span.start], REDACTED]
            at = span.end
        return "".join([*pieces, text[at:]]) if pieces else text


def _pattern_of(values: Iterable[str]) -> re.Pattern[str] | None:
    """Every form of every value."""
    forms = {form for value in values for form in _forms(value) if len(form) >= _MIN_KNOWN}
    # The longest first, so that no form is cut by one that is part of it.
    longest = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, longest))) if longest else None


def occurrences(text: str, part: str) -> Iterator[int]:
    """Where ``part`` begins in ``text``, without overlaps."""
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + len(part))


def _placeholder(value: str, salt: bytes) -> str:
    digest = hmac.new(salt, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    return f"[redacted-secret-{digest[:8]}]"


def _forms(value: str) -> Iterator[str]:
    """A secret as it may appear: plain, quoted for addresses and JSON, in base64, line by line."""
    yield value
    yield from (quote(value), quote(value, safe=""), quote_plus(value))
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield from (line.strip() for line in value.splitlines() if len(line.strip()) >= 16)
    raw = value.encode("utf-8", "surrogatepass")
    if len(raw) >= _MIN_KNOWN:
        for shift in range(3):
            yield from _base64_forms(raw, shift)


def _base64_forms(raw: bytes, shift: int) -> Iterator[str]:
    """The characters of base64 that ``raw`` alone decides, ``shift`` bytes past a multiple of 3."""
    encoded = base64.b64encode(bytes(shift) + raw).rstrip(b"=").decode()
    first = (0, 2, 3)[shift]
    whole = encoded[first : len(encoded) - ((shift + len(raw)) % 3 > 0)]
    yield whole
    yield whole.replace("+", "-").replace("/", "_")
