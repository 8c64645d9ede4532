"""What a store does to a job: a last look at the state machine, whatever came before."""

from __future__ import annotations

from itertools import product

import pytest

from codybatch.domain.errors import IllegalTransition
from codybatch.domain.states import TRANSITIONS, JobState
from codybatch.stores.stored_job import FIXED_FIELDS, STORES_FIELDS, WORKERS_FIELDS, StoredJob
from codybatch.stores.transitions import check_legal
from tests.contracts.examples import a_request, jobs_of


@pytest.mark.parametrize(("before", "after"), list(product(JobState, JobState)))
def test_a_change_that_the_state_machine_does_not_have_is_refused(
    before: JobState, after: JobState
) -> None:
    (job,) = jobs_of(a_request())
    stored, changed = (StoredJob(job.with_(state=state)) for state in (before, after))

    if before is after or after in TRANSITIONS[before]:
        check_legal(stored, changed)
    else:
        with pytest.raises(IllegalTransition):
            check_legal(stored, changed)


def test_every_field_of_a_job_is_somebodys() -> None:
    (job,) = jobs_of(a_request())

    assert set(type(job).model_fields) == STORES_FIELDS | FIXED_FIELDS | WORKERS_FIELDS
    assert not STORES_FIELDS & FIXED_FIELDS
