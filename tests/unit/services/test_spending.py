"""What was spent, summed up over no more jobs than are asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codybatch.domain.errors import TooManyToSum
from codybatch.services.spending import By, in_all, spending
from tests.kept_work import Kept

SINCE = datetime(2020, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("by", list(By))
def test_more_jobs_than_are_summed_up_are_refused_with_what_to_do(tmp_path: Path, by: By) -> None:
    kept = Kept.at(tmp_path)
    for _ in range(3):
        kept.change(kept.request())
    records = kept.store.records

    with pytest.raises(TooManyToSum, match=r"More than 2 jobs .* since 2020-01-31 00:00 UTC"):
        spending(records, SINCE, by, most=2)

    assert in_all(spending(records, SINCE, by, most=3)).jobs == 3
    assert spending(records, SINCE, by) == spending(records, SINCE, by, most=3)
    kept.store.close()
