"""The words of a search: the same for every store, for what is stored and for what is asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from codybatch.domain.errors import UsageError
from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request

MAX_WORDS_ASKED = 50
MAX_WORDS_KEPT = 2_000
"""Of one record; a summary longer than this is not found by its last words."""
_LONGEST = 100
"""Characters of a word that count."""
_WORD = re.compile(r"[^\W_]+")


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words (letters and digits) of some texts, without case and accents."""
    found: dict[str, None] = {}
    for text in texts:
        found.update((word[:_LONGEST], None) for word in _WORD.findall(_plain(text)))
    return frozenset(list(found)[:MAX_WORDS_KEPT])


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def words_asked(text: str) -> frozenset[str]:
    """The words of a search; none where ``text`` has none.

    Raises:
        UsageError: there are more than MAX_WORDS_ASKED.
    """
    words = words_of([text])
    if len(words) > MAX_WORDS_ASKED:
        raise UsageError(f"A search takes at most {MAX_WORDS_ASKED} words, not {len(words)}.")
    return words


def request_words(request: Request) -> frozenset[str]:
    """The words a request is found by."""
    names = [repository.full_name for repository in request.repositories]
    return words_of([request.title, request.prompt.name, *names])


def job_words(job: Job) -> frozenset[str]:
    """The words a job is found by."""
    repository = job.repository.full_name
    return words_of([job.request_title, job.prompt.name, repository, job.title, job.summary])
