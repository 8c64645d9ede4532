"""``codybatch jobs thread``, where the service refused."""

from __future__ import annotations

import json
from pathlib import Path

from codybatch.domain.states import EndedBecause, JobState
from codybatch.domain.threads import StepKind
from tests.cli_kit import call
from tests.contracts.examples import a_step, lease_of
from tests.ui_kit import Gallery


def test_a_recorded_refusal_is_told_with_its_message(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    job = gallery.running()
    refusal = {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "max_tokens: too high"},
    }
    blob = gallery.store.blobs.put(f"jobs/{job.id}/refusal.json", json.dumps(refusal).encode())
    step = a_step(job, 0).with_(kind=StepKind.REPLY, turn=1, blob=blob, appended=False)
    gallery.records.commit(lease_of(job), job, [step])
    gallery.settle(job, EndedBecause.MODEL_REJECTED_REQUEST, JobState.FAILED)
    gallery.close()

    told = call("jobs", "thread", job.id, environment={"CODYBATCH_HOME": str(tmp_path)})

    assert told.text.splitlines() == ["── reply · turn 1", "✗ max_tokens: too high"]
