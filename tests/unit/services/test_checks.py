"""What can be said of a job's result without an opinion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.experiments import Experiment, ExperimentRepository
from codybatch.domain.jobs import Job
from codybatch.domain.publication import GateFinding, GateRule
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.states import EndedBecause, JobState
from codybatch.domain.threads import BlobRef
from codybatch.services.checks import Checks, JobChecks, Siblings, in_words
from codybatch.services.patch_likeness import Hits
from tests.contracts.examples import NO_COMMIT
from tests.report_kit import an_arm_of, an_experiment
from tests.statistics_kit import named
from tests.ui_kit import DIFF, Gallery

OTHER = DIFF.replace(b"timezone.utc", b"UTC")
ELSEWHERE = DIFF.replace(b"src/ingest.py", b"src/other.py")
ARM = an_arm_of("plain")


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


def checked(gallery: Gallery, job: Job) -> Checks:
    return JobChecks(gallery.records, gallery.store.blobs).of(gallery.records.job(job.id))


def of_cell(gallery: Gallery, experiment: Experiment, turn: int, **result: Any) -> Job:
    """An ended job of a repetition on the first repository."""
    cell = experiment.cell(ARM, turn, result.pop("attempt", 1))
    job = gallery.request(named(0), prompt=ARM.prompt, job={"cell": cell})[0]
    gallery.settle(gallery.begun(job), **{"patch": DIFF, **result})
    return job


def kept(gallery: Gallery, patch: bytes) -> BlobRef:
    """A reference patch in the store."""
    return gallery.store.blobs.put("references/one", patch)


def test_a_patch_its_size_and_what_the_gate_found(gallery: Gallery) -> None:
    found = GateFinding(rule=GateRule.SENSITIVE_PATH, path=".github/x", message="Careful.")

    checks = checked(gallery, gallery.ended(patch=DIFF, gate=(found,)))

    assert checks.applies is True
    assert (checks.files, checks.additions, checks.deletions) == (1, 1, 1)
    assert checks.siblings is None
    assert checks.hits is None
    assert in_words(checks) == (
        "The patch applies to a fresh checkout; it changes 1 file, +1 \u22121.",
        "The gate found 1 thing: sensitive_path.",
    )


def test_of_a_job_without_a_patch_nothing_is_said(gallery: Gallery) -> None:
    failed = gallery.ended(because=EndedBecause.INTERNAL_ERROR, state=JobState.FAILED)

    checks = checked(gallery, failed)

    assert checks.applies is None
    assert in_words(checks) == ()


def test_other_repetitions_are_compared_with_it(gallery: Gallery) -> None:
    experiment = an_experiment(gallery, [ARM], 2)
    job = of_cell(gallery, experiment, 1, were_changes_necessary=True)
    of_cell(gallery, experiment, 2, patch=OTHER, were_changes_necessary=True)
    of_cell(gallery, experiment, 3, patch=ELSEWHERE, were_changes_necessary=False)

    siblings = checked(gallery, job).siblings

    assert siblings == Siblings(
        others=2, said=2, said_the_same=1, compared=2, same_files=1, lines=1 / 6
    )
    said_so, alike = in_words(checked(gallery, job))[2:]
    assert said_so == "1 of 2 other repetitions said the same of whether changes are necessary."
    assert alike == (
        "1 of 2 other repetitions touch the same files and share 17 % of the changed lines with it "
        "on average."
    )


def test_of_each_repetition_the_newest_attempt_counts(gallery: Gallery) -> None:
    experiment = an_experiment(gallery, [ARM], 1)
    job = of_cell(gallery, experiment, 1)
    cell = experiment.cell(ARM, 2)
    first = gallery.request(named(0), prompt=ARM.prompt, job={"cell": cell})[0]
    gallery.settle(gallery.begun(first), EndedBecause.INTERNAL_ERROR, JobState.FAILED)
    of_cell(gallery, experiment, 2, attempt=2)

    siblings = checked(gallery, job).siblings

    assert siblings is not None
    assert (siblings.others, siblings.compared, siblings.same_files) == (1, 1, 1)
    assert siblings.lines == 1


def test_what_a_person_found_and_the_reference_patch_stand_beside_it(gallery: Gallery) -> None:
    known = ExperimentRepository(
        repository=RepositoryRef.parse(named(0)),
        repository_id="id-of-r000",
        commit=NO_COMMIT,
        changes_necessary=True,
        reference=kept(gallery, DIFF + ELSEWHERE),
    )
    experiment = an_experiment(gallery, [ARM], 1, repositories=(known,))
    job = of_cell(gallery, experiment, 1, patch=OTHER, were_changes_necessary=False)

    checks = checked(gallery, job)

    assert checks.truth is True
    assert checks.hits == Hits(
        files=1, files_of_reference=2, files_besides=0, hunks=1, hunks_of_reference=2
    )
    assert in_words(checks)[2:] == (
        "It found changes not necessary, but a person found the contrary.",
        "No other repetition of it has ended.",
        "It touches 1 of 2 files and 1 of 2 places of the reference patch.",
    )


def test_a_reference_that_is_gone_is_said_so(gallery: Gallery) -> None:
    gone = BlobRef(key="references/gone", size=1, sha256="0" * 64)
    known = ExperimentRepository(
        repository=RepositoryRef.parse(named(0)),
        repository_id="id-of-r000",
        commit=NO_COMMIT,
        reference=gone,
    )
    experiment = an_experiment(gallery, [ARM], 1, repositories=(known,))

    checks = checked(gallery, of_cell(gallery, experiment, 1))

    assert in_words(checks)[-1] == "The reference patch could not be read."


def test_a_removed_experiment_leaves_its_jobs_their_own_checks(gallery: Gallery) -> None:
    experiment = an_experiment(gallery, [ARM], 1)
    job = of_cell(gallery, experiment, 1)
    gallery.records.remove_experiment(experiment.id)

    checks = checked(gallery, job)

    assert checks.truth is None
    assert checks.siblings is not None
    assert checks.siblings.others == 0
