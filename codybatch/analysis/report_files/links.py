"""Where a reader finds a job: in the workbench, where one is known; else in the report itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from codybatch.domain.errors import UsageError
from codybatch.domain.identifiers import JobId

_SCHEMES = frozenset({"http", "https"})
_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")


@dataclass(frozen=True)
class Links:
    """Addresses of jobs.

    Args:
        workbench: its address, without a slash at its end; empty where none is known.
        listed: the jobs that the report lists, in order; each has a place in it.
    """

    workbench: str = ""
    listed: Sequence[JobId] = ()
    _places: dict[JobId, int] = field(default_factory=dict, init=False, compare=False)

    def __post_init__(self) -> None:
        for place, job in enumerate(self.listed, start=1):
            self._places.setdefault(job, place)

    def place(self, job: JobId | None) -> str:
        """The id of the job's line in the report; empty where it has none."""
        number = self._places.get(job) if job else None
        return f"j{number}" if number else ""

    def diff(self, job: JobId | None) -> str:
        """Where its diff is; empty where nowhere."""
        return self._tab(job, "Diff")

    def conversation(self, job: JobId | None) -> str:
        """Where its conversation is; empty where nowhere."""
        return self._tab(job, "Conversation")

    def _tab(self, job: JobId | None, tab: str) -> str:
        if job is None:
            return ""
        if self.workbench:
            return f"{self.workbench}/job?id={quote(job)}&tab={tab}"
        place = self.place(job)
        return f"#{place}" if place else ""


def workbench_url(written: str) -> str:
    """The address of a workbench, ready for links.

    Raises:
        UsageError: it is none.
    """
    parts = urlsplit(written.strip())
    known = parts.scheme in _SCHEMES and _HOST.fullmatch(parts.netloc)
    if not known or parts.query or parts.fragment or parts.path.strip("/"):
        raise UsageError(
            f"{written!r} is no address of a workbench: it is like http://127.0.0.1:8501."
        )
    return f"{parts.scheme}://{parts.netloc}"


def safe_link(address: str | None) -> str:
    """An address that may be a link: of a known scheme; else nothing."""
    if not address or not address.isprintable():
        return ""
    try:
        return address if urlsplit(address).scheme in _SCHEMES else ""
    except ValueError:
        return ""
