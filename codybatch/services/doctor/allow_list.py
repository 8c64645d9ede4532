"""Whether the allow-list says what its author meant: by its looks, and by what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from codybatch.domain.errors import (
    CodeHostCredentialRefused,
    InvalidRepository,
    InvalidSelection,
    RepositoryNotFound,
    RepositoryUnavailable,
)
from codybatch.domain.repositories import AllowList, RepositoryFacts, RepositoryRef
from codybatch.domain.selection import Source, SourceKind
from codybatch.ports import Candidates, CodeHost
from codybatch.services.doctor.findings import Finding, failed, fine, warning
from codybatch.services.doctor.patient import Patient

MOST_OWNERS = 10
MOST_OF_AN_OWNER = 200
_WILD = re.compile(r"[*?\[]")
_REGULAR = re.compile(r"^\^|\$$|\\|\.\*")


def looks(patient: Patient) -> Iterator[Finding]:
    """What is wrong with the patterns by their looks."""
    patterns = patient.allowed.patterns
    if not patterns:
        yield failed(
            "allow list",
            "No repository is allowed.",
            "Set CODYBATCH_ALLOWED_REPOSITORIES, for example to 'my-org/*,!my-org/secrets'.",
        )
        return
    if all(pattern.startswith("!") for pattern in patterns):
        yield failed(
            "allow list",
            f"{', '.join(patterns)}: every pattern excludes, so no repository is allowed.",
            "Add one that includes, such as my-org/*.",
        )
        return
    doubtful = [finding for pattern in patterns if (finding := _doubt(pattern))]
    yield from doubtful or [fine("allow list", ", ".join(patterns))]


def _doubt(written: str) -> Finding | None:
    """What is strange about one pattern."""
    pattern = written.removeprefix("!").strip()
    owner, slash, name = pattern.partition("/")
    if "://" in pattern:
        return _wrong(written, "is an address, which no name fits", "Write owner/name.")
    if "@" in pattern:
        mend = "Leave out what follows the @: a repository is allowed with all its branches."
        return _wrong(written, "names a branch, so no repository fits it", mend)
    if re.search(r"\s", pattern):
        return _wrong(written, "holds a space, so no repository fits it", "Put a comma there.")
    if _REGULAR.search(pattern):
        mend = "Write * for any letters and ? for one, as for files."
        return _wrong(written, "looks like a regular expression", mend)
    if "/" in name or (not slash and not _WILD.search(pattern)):
        mend = f"Write {owner}/* for all of {owner}, or owner/name for one."
        return _wrong(written, "fits no repository: those are named owner/name", mend)
    if _WILD.search(owner) and not written.startswith("!"):
        return _wrong(written, _whom_it_lets_in(pattern, owner), "Name the owner: my-org/*.")
    return None


def _whom_it_lets_in(pattern: str, owner: str) -> str:
    if set(pattern) <= set("*/"):
        return "allows every repository that the credential can see"
    return f"allows repositories of every owner whose name fits {owner}, whoever that is"


def _wrong(pattern: str, what: str, mend: str) -> Finding:
    return warning("allow list", f"{pattern} {what}.", mend)


@dataclass
class _Survey:
    """Which repositories the code host knows that the allow-list permits."""

    allowed: AllowList
    owned: dict[str, bool] = field(default_factory=dict)
    """Whether the service account may push, by name."""
    fruitless: list[str] = field(default_factory=list)
    """Patterns that nothing fits."""
    is_partial: bool = False

    def take(self, patterns: list[str], candidates: Candidates) -> None:
        """Note what candidates fit the patterns, where these are all there are."""
        found = [one for one in candidates.found if isinstance(one, RepositoryFacts)]
        for pattern in patterns:
            fits = AllowList(patterns=(pattern,))
            if not candidates.incomplete and not any(fits.permits(one.repository) for one in found):
                self.fruitless.append(pattern)
        self.is_partial |= bool(candidates.incomplete)
        for one in found:
            if self.allowed.permits(one.repository):
                self.owned[one.repository.full_name] = one.owned


def what_it_permits(patient: Patient) -> Iterator[Finding]:
    """Which patterns fit nothing, and where the service account may push."""
    by_owner = _by_owner(patient.allowed)
    if not by_owner:
        return
    survey = _Survey(patient.allowed, is_partial=len(by_owner) > MOST_OWNERS)
    host = patient.code_host()
    for owner, patterns in list(by_owner.items())[:MOST_OWNERS]:
        try:
            survey.take(patterns, _candidates(host, owner, patterns))
        except (RepositoryNotFound, InvalidSelection):
            survey.fruitless += patterns
        except (CodeHostCredentialRefused, RepositoryUnavailable):
            return  # the check of the code host itself has said so
    for pattern in survey.fruitless:
        yield warning(
            "allowed repositories",
            f"Nothing that the credential can see fits the pattern {pattern}.",
            "Check its spelling, and whether the service account may see what it names.",
        )
    yield _pushing(survey, patient.has_code_host_credential)


def _pushing(survey: _Survey, has_credential: bool) -> Finding:
    seen, owned = len(survey.owned), sum(survey.owned.values())
    of = f"the {seen:,} that were looked at" if survey.is_partial else f"{seen:,} in all"
    if owned or not seen or not has_credential:
        detail = f"{of}, and the service account may push to {owned:,} of them"
        return fine("allowed repositories", detail)
    return warning(
        "allowed repositories",
        f"{of}, and the service account may push to none: no pull requests, patches stay here.",
        "Where pull requests are wanted, let the account write (a token: contents and pull "
        "requests; an App: install it there).",
    )


def _by_owner(allowed: AllowList) -> dict[str, list[str]]:
    """The patterns that include and name their owner, by that owner."""
    found: dict[str, list[str]] = {}
    for pattern in allowed.patterns:
        owner, slash, _ = pattern.partition("/")
        if slash and not pattern.startswith("!") and not _WILD.search(owner):
            found.setdefault(owner.lower(), []).append(pattern)
    return found


def _names(patterns: list[str]) -> Iterator[RepositoryRef]:
    for pattern in patterns:
        with suppress(InvalidRepository):  # then nothing fits it
            yield RepositoryRef.parse(pattern)


def _candidates(host: CodeHost, owner: str, patterns: list[str]) -> Candidates:
    """What an owner has, or only what the patterns name where they name each."""
    if not any(_WILD.search(pattern) for pattern in patterns):
        names = tuple(_names(patterns))
        return host.candidates(Source(kind=SourceKind.NAMES, names=names), MOST_OF_AN_OWNER)
    try:
        organisation = Source(kind=SourceKind.ORGANISATION, query=owner)
        return host.candidates(organisation, MOST_OF_AN_OWNER)
    except (RepositoryNotFound, InvalidSelection):
        return host.candidates(Source(kind=SourceKind.USER, query=owner), MOST_OF_AN_OWNER)
