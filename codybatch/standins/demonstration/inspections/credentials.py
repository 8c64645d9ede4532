"""Passwords, tokens and keys whose value stands in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.standins.demonstration.inspections.inspection import Place, is_test
from codybatch.standins.demonstration.survey import Search

_NAMES = r"(?:password|passwd|secret|token|api_?key|access_key)"
_ASSIGNED = re.compile(
    rf"\s*(?:(?:export|const|let|var)\s+|self\.|-\s+)?[\"']?(?P<name>[\w.-]*{_NAMES}[\w-]*)[\"']?"
    r"\s*(?::=|:|=)\s*(?P<value>.+?)\s*[,;]?\s*",
    re.IGNORECASE,
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_LITERAL = re.compile(r"[\"'][^\"'\s]{8,}[\"']")
_BARE = re.compile(r"[\"']?[^\s\"'$<{(][^\s\"']{7,}[\"']?")
_NO_VALUE = frozenset({"none", "null", "true", "false", "disabled", "required"})
_SAMPLE = re.compile(r"example|changeme|change-me|dummy|placeholder|your[-_]|xxxx", re.IGNORECASE)
_SETTINGS = re.compile(
    r"(?:\.(?:env|ya?ml|toml|ini|cfg|json|properties|sh)|(?:^|/)(?:\.env[^/]*|Dockerfile[^/]*))$"
)
_TEXTS = (".md", ".rst", ".txt")
_MEND = "Revoke it first; then read it from the environment or a secret store."


@dataclass(frozen=True)
class HardCodedCredentials:
    """A value where a credential is expected; the value itself is never told."""

    rule: str = "hard-coded-credential"
    goal: str = "credentials that stand in files"
    searches: tuple[Search, ...] = (
        (rf"(?i){_NAMES}[\w-]*[\"']?\s*(:=|:|=)\s*\S", ""),
        ("-----BEGIN [A-Z ]*PRIVATE KEY-----", ""),
    )

    def places(self, path: str, text: str) -> Iterator[Place]:
        """Each line with one."""
        if path.endswith(_TEXTS):
            return
        for number, line in enumerate(text.split("\n"), start=1):
            if _PRIVATE_KEY.search(line):
                yield Place(number, number, "high", "A private key begins here.", _MEND)
            elif found := self._assigned(path, line):
                yield _place(path, number, found["name"], found["value"])

    def _assigned(self, path: str, line: str) -> re.Match[str] | None:
        found = _ASSIGNED.fullmatch(line)
        if found is None or found["value"].strip("\"'").lower() in _NO_VALUE:
            return None
        looks_real = _BARE if _SETTINGS.search(path) else _LITERAL
        return found if looks_real.fullmatch(found["value"]) else None


def _place(path: str, number: int, name: str, value: str) -> Place:
    if is_test(path) or _SAMPLE.search(value):
        said = f"{name} is given a value here, which looks like a sample."
        return Place(number, number, "info", said, "Nothing, if it opens nothing.", False, "medium")
    severity = "medium" if "passw" in name.lower() else "high"
    return Place(number, number, severity, f"{name} is given its value here.", _MEND)
