"""A job from the submission to the pull request, with real processes, real git and real HTTP."""

import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import (
    IdempotencyConflict,
    ModelCredentialRefused,
    ModelWithoutPrice,
    NoAllowList,
    RepositoryNotAllowed,
    RepositoryNotFound,
    RepositoryRefused,
    TooManyRepositories,
    UnknownModel,
)
from codybatch.domain.publication import PublicationKind, WithheldReason
from codybatch.domain.repositories import AllowList
from codybatch.domain.states import EndedBecause, JobState
from codybatch.domain.threads import StepKind
from codybatch.standins.anthropic import tool_use
from codybatch.standins.anthropic.models import CATALOGUE
from tests.worker.world import CLEAN, CLOCKS, World, world


def apply(world: World, repository: str, patch: bytes, folder: Path) -> Path:
    """A fresh checkout with the patch applied by git itself."""
    bare = world.github.bare(repository).path
    subprocess.run(["git", "clone", "--quiet", bare, folder], check=True)
    subprocess.run(["git", "apply", "--check", "-"], cwd=folder, input=patch, check=True)
    subprocess.run(["git", "apply", "-"], cwd=folder, input=patch, check=True)
    return folder


def test_a_request_ends_in_patches_and_draft_pull_requests(tmp_path: Path) -> None:
    repositories = {"acme/clocks": CLOCKS, "acme/clean": CLEAN, "upstream/clocks": CLOCKS}
    with world(tmp_path, repositories) as w:
        created = w.submit(*repositories, publish="draft")
        clocks, clean, foreign = w.wait(created)

        assert [job.state for job in (clocks, clean, foreign)] == [JobState.SUCCEEDED] * 3
        assert clocks.were_changes_necessary is True
        assert clean.were_changes_necessary is False
        assert clean.patch is None

        done = apply(w, "acme/clocks", w.app.jobs.patch(clocks.id), tmp_path / "applied")
        assert "utcnow" not in (done / "clocks/now.py").read_text()

        (pull,) = w.github.pull_requests("acme/clocks")
        assert pull.draft
        assert clocks.publication.kind is PublicationKind.PULL_REQUEST
        assert clocks.publication.pushed_commit == pull.head_oid
        assert foreign.publication.reasons == (WithheldReason.NOT_OWNED,)
        assert w.app.jobs.patch(foreign.id)
        assert w.github.pull_requests("upstream/clocks") == []

        request = w.app.requests.find(created.request.id)
        assert request.counts.succeeded == 3
        assert request.budget.reserved_usd == 0
        assert request.budget.spent_usd == sum(job.cost_usd for job in (clocks, clean, foreign))


def test_the_thread_is_kept_whole_and_read_in_parts(tmp_path: Path) -> None:
    with world(tmp_path, {"acme/clocks": CLOCKS}) as w:
        (job,) = w.wait(w.submit("acme/clocks"))

        lines = list(w.app.jobs.thread(job.id))
        assert [line.kind for line in lines[:3]] == [
            StepKind.HEADER,
            StepKind.REPLY,
            StepKind.RESULTS,
        ]
        assert list(w.app.jobs.thread(job.id, 2, 4)) == lines[2:4]
        assert sum(line.cost_usd for line in lines) == job.cost_usd
        sent = [exchange for exchange in w.model.exchanges if exchange.path.endswith("/messages")]
        assert len(sent) == job.progress.turn


def test_the_same_idempotency_key_submits_once(tmp_path: Path) -> None:
    with world(tmp_path, {"acme/clocks": CLOCKS}) as w:
        first = w.submit("acme/clocks", key="nightly", publish="draft")
        again = w.submit("acme/clocks", key="nightly", publish="draft")
        w.wait(first)
        after = w.submit("acme/clocks", key="nightly", publish="draft")

        assert (again.replayed, after.replayed) == (True, True)
        assert {again.request.id, after.request.id} == {first.request.id}
        assert len(w.github.pull_requests("acme/clocks")) == 1
        with pytest.raises(IdempotencyConflict):
            w.submit("acme/clocks", key="nightly", publish="none")


def test_a_refused_request_leaves_no_record(tmp_path: Path) -> None:
    with world(
        tmp_path,
        {
            "acme/clocks": CLOCKS,
            "acme/old": CLEAN,
        },
    ) as w:
        w.github.change_repository("acme/old", archived=True)
        w.github.add_repository("acme/empty")
        for repositories, error, word in (
            (["acme/clocks", "other/x"], RepositoryNotAllowed, "other/x"),
            (["acme/clocks", "acme/nothing"], RepositoryNotFound, "acme/nothing"),
            ([f"acme/r{number}" for number in range(6)], TooManyRepositories, "6"),
            (["acme/old"], RepositoryRefused, "archived"),
            (["acme/empty"], RepositoryRefused, "empty"),
        ):
            with pytest.raises(error, match=word):
                w.submit(*repositories)
        with pytest.raises(UnknownModel, match="claude-imaginary"):
            w.submit("acme/clocks", model="claude-imaginary")

        assert w.app.requests.list().items == ()
        assert w.app.jobs.list().items == ()


def test_without_an_allow_list_the_message_says_how_to_set_one(tmp_path: Path) -> None:
    with (
        world(tmp_path, {"acme/clocks": CLOCKS}, allowed_repositories=AllowList()) as w,
        pytest.raises(NoAllowList, match="CODYBATCH_ALLOWED_REPOSITORIES"),
    ):
        w.submit("acme/clocks")


@pytest.mark.parametrize("key", [None, "sk-ant-revoked"])
def test_a_missing_or_revoked_key_is_refused_before_anything_is_stored(
    tmp_path: Path, key: str | None
) -> None:
    with world(tmp_path, {"acme/clocks": CLOCKS}, anthropic_api_key=key) as w:
        with pytest.raises(ModelCredentialRefused, match="ANTHROPIC_API_KEY"):
            w.submit("acme/clocks")
        assert w.app.requests.list().items == ()


def test_a_cost_cap_of_the_job_ends_it_with_what_it_did(tmp_path: Path) -> None:
    with world(tmp_path, {"acme/clocks": CLOCKS}) as w:
        (job,) = w.wait(w.submit("acme/clocks", job_cost_cap_usd="0.0001"))

        assert job.state is JobState.PARTIAL
        assert job.ended_because is EndedBecause.JOB_COST_LIMIT
        assert job.cost_usd <= Decimal("0.0001")


def test_a_turn_limit_keeps_the_change_and_withholds_it(tmp_path: Path) -> None:
    def never_finishes(request: dict[str, Any]) -> list[dict[str, Any]]:
        turn = len(request["messages"])
        return [
            tool_use("write_file", {"path": f"f{turn}.txt", "content": "x\n", "overwrite": False})
        ]

    with world(tmp_path, {"acme/clocks": CLOCKS}, never_finishes) as w:
        (job,) = w.wait(w.submit("acme/clocks", max_turns=3, publish="draft"))

        assert job.ended_because is EndedBecause.TURN_LIMIT
        assert job.state is JobState.PARTIAL
        assert job.progress.turn == 3
        assert job.patch
        assert job.publication.reasons == (WithheldReason.NOT_FINISHED,)
        assert w.github.pull_requests("acme/clocks") == []


def test_a_model_without_a_price_cannot_run_under_a_cap(tmp_path: Path) -> None:
    unpriced = "claude-unpriced-1"
    card = CATALOGUE["claude-sonnet-5-5"]
    with world(tmp_path, {"acme/clocks": CLOCKS}) as w:
        w.model.service.models = {**w.model.service.models, unpriced: card}
        with pytest.raises((ModelWithoutPrice, UnknownModel)):
            w.submit("acme/clocks", model=unpriced)


def test_a_patch_that_does_not_apply_ends_the_job_and_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A git that refuses to apply stands in for a bug of ours or of git's."""
    real = shutil.which("git")
    (tmp_path / "bin").mkdir()
    broken = tmp_path / "bin/git"
    broken.write_text(
        '#!/bin/sh\ncase " $* " in *" apply "*) echo "error: patch does not apply" >&2; exit 1 ;; '
        f'esac\nexec {real} "$@"\n'
    )
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with world(tmp_path, {"acme/clocks": CLOCKS}) as w:
        (job,) = w.wait(w.submit("acme/clocks", publish="draft"))

        assert job.state is JobState.FAILED
        assert job.ended_because is EndedBecause.PATCH_DOES_NOT_APPLY
        assert job.patch
        assert not job.patch.applies
        assert b"timezone" in w.app.jobs.patch(job.id)
        assert w.github.pull_requests("acme/clocks") == []
