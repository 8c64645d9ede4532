"""What AWS calls by itself: the tick of every minute, and each change of state in AWS Batch.

Both are thin: an event is only told where to look, and what is done rests on what the records and
AWS Batch say at that moment. So an event may come twice, late or never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from codybatch.api.cold_start import started
from codybatch.composition import Application
from codybatch.domain.errors import UsageError
from codybatch.domain.submissions import submission_named
from codybatch.services.upkeep import Upkeep

_ENDED = frozenset({"SUCCEEDED", "FAILED"})


class _Array(BaseModel):
    index: int | None = None
    size: int | None = None


class _Detail(BaseModel):
    job_name: str = Field(alias="jobName")
    status: str
    array: _Array = Field(default=_Array(), alias="arrayProperties")


class BatchEvent(BaseModel):
    """A ``Batch Job State Change`` of EventBridge, as far as it is used (user guide of AWS Batch,
    "Job state change events").
    """

    source: Literal["aws.batch"]
    kind: Literal["Batch Job State Change"] = Field(alias="detail-type")
    detail: _Detail


def tick(event: Mapping[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001 - Lambda's
    """Lambda: submit what is due, put waiting jobs back, and bring Batch and the records together.

    Raises:
        CodyBatchError: a part of it failed; the others were done, and the next tick tries again.
    """
    return asdict(_upkeep().tick())


def batch_event(event: Mapping[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001
    """Lambda: look at the job that an event of AWS Batch tells of.

    Raises:
        UsageError: it is no such event.
        EngineError: AWS Batch cannot be asked; Lambda calls again, or the tick sees to it.
    """
    return {"jobs": look_at(event, _upkeep())}


def look_at(event: Mapping[str, Any], upkeep: Upkeep) -> int:
    """Look at the job that an event of AWS Batch tells of; says how many were touched.

    Raises:
        UsageError: it is no such event.
        EngineError: AWS Batch cannot be asked.
    """
    try:
        detail = BatchEvent.model_validate(event).detail
    except ValidationError as error:
        raise UsageError(
            f"This is no event of a job of AWS Batch: {error.errors()[0]['msg']} at "
            f"{'.'.join(map(str, error.errors()[0]['loc']))}."
        ) from None
    submission = submission_named(detail.job_name)
    if submission is None or detail.array.size is not None:  # another's job, or an array as a whole
        return 0
    return upkeep.look_at(submission, detail.array.index or 0, has_ended=detail.status in _ENDED)


def upkeep_of(app: Application) -> Upkeep:
    """What keeps an application's jobs, schedules and experiments going."""
    ticks = (app.schedules.runs.tick, app.experiments.runs.tick)
    return Upkeep(app.store.records, app.engine, *ticks)


@cache
def _upkeep() -> Upkeep:
    """Of this process: Lambda calls it many times."""
    return upkeep_of(started())
