from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from codybatch.domain.errors import UsageError
from codybatch.services.moments import moment_of

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("30d", NOW - timedelta(days=30)),
        ("6W", NOW - timedelta(weeks=6)),
        (" 0d ", NOW),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T10:00:00+02:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_a_day_is_read_as_people_write_it(written: str, moment: datetime) -> None:
    assert moment_of(written, NOW) == moment


@pytest.mark.parametrize(
    "written", ["", "yesterday", "30", "30m", "31.01.2026", "999999w", "2026-07-01", "2026-13-01"]
)
def test_what_is_no_day_or_lies_ahead_is_refused(written: str) -> None:
    with pytest.raises(UsageError):
        moment_of(written, NOW)
