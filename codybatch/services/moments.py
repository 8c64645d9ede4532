"""Moments as people write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from codybatch.domain.errors import UsageError

_AGO = re.compile(r"([0-9]{1,5})\s*([dw])", re.IGNORECASE)


def moment_of(written: str, now: datetime) -> datetime:
    """A day in the past: ``2026-01-31`` (it begins at midnight UTC), ``30d`` or ``6w`` ago.

    Raises:
        UsageError: it is neither, or lies in the future.
    """
    ago = _AGO.fullmatch(written.strip())
    try:
        if ago:
            days = int(ago[1]) * (7 if ago[2].lower() == "w" else 1)
            return now - timedelta(days=days)
        found = datetime.fromisoformat(written.strip())
    except (ValueError, OverflowError):
        raise UsageError(
            f"{written!r} is no day: write 2026-01-31, or 30d or 6w for that long ago."
        ) from None
    found = found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
    if found > now:
        raise UsageError(f"{written!r} lies in the future: nothing has happened since then.")
    return found
