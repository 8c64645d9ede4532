"""Looking a repository over before a job does: what it is made of, and what a job would meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from codybatch.domain.errors import RepositoryTooLarge, RepositoryUnsupported
from codybatch.domain.records import Record
from codybatch.domain.repositories import AllowList, Profile, RepositoryFacts, RepositoryRef
from codybatch.domain.states import EndedBecause
from codybatch.ports import CodeHostFactory, Unusable
from codybatch.workspace.checkout import Workspace, WorkspaceLimits, check_out
from codybatch.workspace.profile import profile
from codybatch.workspace.temporary import temporary_folder
from codybatch.workspace.tree import WorkTree


class ProfiledRepository(Record):
    """A repository at one commit, looked over."""

    facts: RepositoryFacts
    """What the code host says of it, the commit included."""
    profile: Profile | None = None
    """What its files say; None where a job could not have them either."""
    ends: EndedBecause | None = None
    """How a job would end at once; None where it could work."""
    detail: str = ""
    """What exactly is in the way."""


@dataclass(frozen=True)
class Profiles:
    """Looks repositories over, with the same doors shut as for a job."""

    code_host: CodeHostFactory
    allowed: AllowList
    limits: WorkspaceLimits
    folder: Path
    """Where the files of one call are, for its length."""

    def profile(
        self, repository: RepositoryRef, tell: Callable[[str], None] | None = None
    ) -> ProfiledRepository:
        """Check a repository out for a moment, and look at its files.

        Args:
            repository: which, at its ref or else at the head of its default branch.
            tell: told what is done now.

        Raises:
            NoAllowList, RepositoryNotAllowed: as for a job.
            CodeHostError, PolicyError: it cannot be used, or not be reached.
            StoreFull: the disk is full.
        """
        say = tell or (lambda _: None)
        self.allowed.check(repository)
        say(f"Asking for {repository} …")
        facts = self._look_up(repository)
        with temporary_folder(self.folder) as folder:
            say(f"Cloning {repository} at {facts.head_commit[:12]} …")
            try:
                workspace = self._check_out(folder, facts)
            except RepositoryTooLarge as error:
                ends = EndedBecause.REPOSITORY_TOO_LARGE
                return ProfiledRepository(facts=facts, ends=ends, detail=error.message)
            except RepositoryUnsupported as error:
                ends = EndedBecause.REPOSITORY_UNSUPPORTED
                return ProfiledRepository(facts=facts, ends=ends, detail=error.message)
            say(f"Looking at {len(workspace.manifest):,} files …")
            with WorkTree(workspace.tree_path, workspace.manifest) as tree:
                return ProfiledRepository(facts=facts, profile=profile(tree))

    def _look_up(self, repository: RepositoryRef) -> RepositoryFacts:
        (found,) = self.code_host().look_up([repository])
        if isinstance(found, Unusable):
            raise found.error
        self.allowed.check(found.repository)  # a renamed one answers under its new name
        return found

    def _check_out(self, folder: Path, facts: RepositoryFacts) -> Workspace:
        access = self.code_host().git_access(facts.repository)
        return check_out(folder / "workspace", access, facts.head_commit, self.limits)
