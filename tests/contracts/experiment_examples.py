"""Experiments, and requests of their cells, for tests that need some."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ulid import ULID

from codybatch.domain.experiments import Arm, Experiment, ExperimentRepository
from codybatch.domain.identifiers import ExperimentId
from codybatch.domain.prompts import PromptRef
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.requests import ExperimentCell, Origin, OriginKind, RequestOptions
from codybatch.ports import Created, Records
from tests.contracts.examples import ALICE, NO_COMMIT, NOON, created

AN_EXPERIMENT = ExperimentId("0" * 26)


def an_arm(version: int = 1, **changes: Any) -> Arm:
    fields = {
        "name": f"update v{version}",
        "prompt": PromptRef(name="update", version=version),
        "options": RequestOptions(model="claude-sonnet-5-5"),
    }
    return Arm(**{**fields, **changes})


def a_pinned_repository(name: str = "acme/api", **changes: Any) -> ExperimentRepository:
    fields = {
        "repository": RepositoryRef.parse(name),
        "repository_id": f"id-of-{name}",
        "commit": NO_COMMIT,
    }
    return ExperimentRepository(**{**fields, **changes})


def an_experiment(at: datetime = NOON, **changes: Any) -> Experiment:
    fields = {
        "id": ExperimentId(str(ULID.from_datetime(at)).lower()),
        "name": "Is the second text better?",
        "arms": (an_arm(1), an_arm(2)),
        "repositories": (a_pinned_repository("acme/api"), a_pinned_repository("acme/web")),
        "baseline": "update v1",
        "metric_chosen_at": at,
        "created_by": ALICE,
        "created_at": at,
    }
    return Experiment(**{**fields, **changes})


def a_cell(experiment: ExperimentId = AN_EXPERIMENT, **changes: Any) -> ExperimentCell:
    fields = {"experiment": experiment, "arm": an_arm().key, "repetition": 1}
    return ExperimentCell(**{**fields, **changes})


def created_for(
    records: Records, cell: ExperimentCell, at: datetime = NOON, **changes: Any
) -> Created:
    """Create the request of a cell, whose jobs have the cell too."""
    origin = Origin(kind=OriginKind.EXPERIMENT, cell=cell)
    return created(records, at, origin=origin, job={"cell": cell}, **changes)
