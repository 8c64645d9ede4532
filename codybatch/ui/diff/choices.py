"""How a person looks at a job's diff, and what of that is kept."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.domain.identifiers import JobId, Person
from codybatch.services.patch_files import PatchFile
from codybatch.services.preferences import DiffView, Personal
from codybatch.ui.diff.shown_diff import ShownDiff


@dataclass(frozen=True)
class Chosen:
    """How a person looks at a diff."""

    viewed: frozenset[int]
    """The numbers of the files that were looked at."""
    is_split: bool
    ignores_whitespace: bool


@dataclass(frozen=True)
class Choices:
    """What one person chose for one job's diff, in what is kept for them."""

    personal: Personal
    person: Person
    job: JobId
    diff: ShownDiff

    def kept(self) -> Chosen:
        """As it was chosen last: the marks for this job, the rest for every diff."""
        marks = self.personal.viewed(self.person, self.job).value
        preferences = self.personal.preferences(self.person).value
        viewed = (
            number
            for number, file in enumerate(self.diff.files)
            if marks.has(_path(file), file.digest)
        )
        return Chosen(
            frozenset(viewed),
            preferences.diff_view is DiffView.SIDE_BY_SIDE,
            preferences.ignore_whitespace,
        )

    def keep(self, before: Chosen, now: Chosen) -> None:
        """Keep what was changed."""
        for number in sorted(now.viewed ^ before.viewed):
            file = self.diff.files[number]
            self.personal.mark_viewed(
                self.person, self.job, _path(file), file.digest, viewed=number in now.viewed
            )
        if now.is_split != before.is_split:
            view = DiffView.SIDE_BY_SIDE if now.is_split else DiffView.UNIFIED
            self.personal.prefer(self.person, diff_view=view)
        if now.ignores_whitespace != before.ignores_whitespace:
            self.personal.prefer(self.person, ignore_whitespace=now.ignores_whitespace)


def _path(file: PatchFile) -> str:
    return file.path.decode("utf-8", "surrogateescape")
