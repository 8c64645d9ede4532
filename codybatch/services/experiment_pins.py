"""Pinning the repositories of an experiment to the commits that the code host names now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from codybatch.domain.errors import InvalidExperiment, InvalidRepository
from codybatch.domain.experiments import MAX_REPOSITORIES, ExperimentRepository
from codybatch.domain.identifiers import ExperimentId
from codybatch.domain.repositories import RepositoryFacts
from codybatch.domain.threads import BlobRef
from codybatch.ports import Blobs
from codybatch.services.experiment_form import RepositoryForm
from codybatch.services.intake import Intake
from codybatch.services.patch_files import read_patch
from codybatch.services.submission_form import chosen_repositories


@dataclass(frozen=True)
class ExperimentPins:
    """Pins repositories."""

    intake: Intake
    blobs: Blobs

    def of(
        self, forms: Sequence[RepositoryForm], others: Sequence[ExperimentRepository] = ()
    ) -> tuple[ExperimentRepository, ...]:
        """The repositories of a form at their commits of now, without their reference patches.

        Args:
            forms: as a person named them.
            others: those that the experiment has already.

        Raises:
            InvalidExperiment: a reference is no patch, or a repository is there already.
            InvalidRepository, TooManyRepositories, RepositoryRefused, BranchNotFound, NotPermitted,
                NoAllowList, RepositoryNotAllowed: one cannot be used.
            CodeHostError: the code host could not be asked.
        """
        policy = self.intake.policy
        written = tuple(one.repository for one in forms)
        names = chosen_repositories(written, policy.allowed, MAX_REPOSITORIES, policy.host)
        for one in forms:
            _check_reference(one)
        facts = self.intake.look_up(names)
        known = {one.repository_id for one in others}
        for fact in facts:
            if fact.id in known:
                raise InvalidRepository(f"{fact.repository.full_name} is there already.")
        return tuple(
            _pinned(form, fact.with_(repository=fact.repository.with_(ref=name.ref)))
            for form, fact, name in zip(forms, facts, names, strict=True)
        )

    def keep_references(
        self,
        experiment: ExperimentId,
        forms: Sequence[RepositoryForm],
        repositories: Sequence[ExperimentRepository],
    ) -> tuple[ExperimentRepository, ...]:
        """The repositories with their reference patches stored.

        Args:
            experiment: of which they are.
            forms: with the patches, in the order of ``repositories``.
            repositories: as ``of`` gave them.
        """
        return tuple(
            one.with_(reference=self._kept(experiment, form.reference)) if form.reference else one
            for form, one in zip(forms, repositories, strict=True)
        )

    def _kept(self, experiment: ExperimentId, patch: str) -> BlobRef:
        content = patch.encode()
        key = f"experiments/{experiment}/{sha256(content).hexdigest()[:32]}.patch"
        return self.blobs.put(key, content)


def _pinned(form: RepositoryForm, fact: RepositoryFacts) -> ExperimentRepository:
    return ExperimentRepository(
        repository=fact.repository,
        repository_id=fact.id,
        commit=fact.head_commit,
        changes_necessary=form.changes_necessary,
        size_kb=fact.size_kb,
    )


def _check_reference(form: RepositoryForm) -> None:
    if form.reference is not None and not any(
        file.hunks or file.is_binary for file in read_patch(form.reference.encode())
    ):
        raise InvalidExperiment(
            f"The reference of {form.repository} is no patch: give what `git diff` writes."
        )
