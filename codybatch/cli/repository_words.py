"""How repositories read on a terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codybatch.domain.repositories import Profile, RepositoryFacts
from codybatch.domain.selection import LeftOut, Selection, size_in_words
from codybatch.domain.states import ENDINGS
from codybatch.services.selection import left_out_in_short
from codybatch.services.wire.others import FactsShown

if TYPE_CHECKING:
    from codybatch.services.profiles import ProfiledRepository
    from codybatch.workspace.redaction import Net

COLUMNS = ("REPOSITORY", "LANGUAGE", "SIZE", "LAST PUSH", "OWNED")
WHY_NOT = "WHY NOT"
_FEW = 12
"""Names of a list that a line shows."""


def row(facts: RepositoryFacts) -> tuple[str, ...]:
    """A repository as a row of ``COLUMNS``."""
    return (
        str(facts.repository),
        facts.language or "",
        size_in_words(facts.size_kb),
        f"{facts.pushed_at:%Y-%m-%d}" if facts.pushed_at else "",
        "yes" if facts.owned else "no",
    )


def left_out_row(left_out: LeftOut) -> tuple[str, ...]:
    """A repository that is left out as a row of ``COLUMNS`` and ``WHY_NOT``."""
    known = row(left_out.facts)[1:] if left_out.facts else ("",) * (len(COLUMNS) - 1)
    return (str(left_out.repository), *known, left_out.detail)


def summary(found: Selection) -> str:
    """How many were chosen, and how many were left out for which reason."""
    return f"{len(found.chosen)} chosen, {left_out_in_short(found.left_out)}."


def profile_as_json(found: ProfiledRepository, net: Net) -> dict[str, Any]:
    """A profile for programs, with the head of the README, cleaned of secrets."""
    profile = found.profile
    shown: dict[str, Any] | None = None
    if profile is not None:
        cleaned = profile.with_(readme=net.clean(profile.readme) if profile.readme else None)
        shown = cleaned.model_dump(mode="json", by_alias=True)
    return {
        **FactsShown.of(found.facts).as_json(),
        "profile": shown,
        "ends": found.ends.value if found.ends else None,
        "detail": found.detail,
    }


def profile_facts(found: ProfiledRepository) -> dict[str, str]:
    """A profile as names and values."""
    facts, profile = found.facts, found.profile
    shown = {
        "Repository": f"{facts.repository} at {facts.head_commit[:12]}",
        "Owned": "yes: a job may push there" if facts.owned else "no: a job leaves its patch here",
        "History": f"{size_in_words(facts.size_kb)} in all, as the code host says",
    }
    if profile is not None:
        shown |= _contents(profile)
    return shown | {"A job": _what_a_job_meets(found)}


def _contents(profile: Profile) -> dict[str, str]:
    languages = [
        f"{one.language} ({_share(one.bytes, profile.bytes)}, {_files(one.files)})"
        for one in profile.languages
    ]
    return {
        "Files": f"{profile.files:,} with {size_in_words(-(-profile.bytes // 1024))}",
        "Languages": _few(languages),
        "Package managers": _few(profile.package_managers),
        "Frameworks": _few(profile.frameworks),
        "Tests": _few(profile.test_folders) or "no folder of tests was found",
        "Entry points": _few(profile.entry_points),
        "Guidance": _few(profile.guidance_files),
        "Symbolic links": f"{profile.symlinks:,}" if profile.symlinks else "",
        "Submodules": _few(profile.submodules),
        "Git LFS": _files(profile.lfs_files) if profile.lfs_files else "",
    }


def _what_a_job_meets(found: ProfiledRepository) -> str:
    """What a job could do there and what not, a line each."""
    profile = found.profile
    if found.ends is not None or profile is None:
        ending = ENDINGS[found.ends] if found.ends else None
        return f"ends at once. {found.detail} {ending.next_step if ending else ''}".rstrip()
    meets = {
        "Symbolic links are shown to it, and neither followed nor changed.": profile.symlinks,
        "Submodules are left empty.": profile.submodules,
        "Files in Git LFS are pointers to it, which it does not change.": profile.lfs_files,
        "Guidance files are read as guidance only where the request says so.": (
            profile.guidance_files
        ),
    }
    return "\n".join(["can work there.", *(line for line, is_so in meets.items() if is_so)])


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _share(part: int, whole: int) -> str:
    percent = 100 * part / whole if whole else 0
    return f"{percent:.0f} %" if percent >= 1 else "< 1 %"


def _few(names: tuple[str, ...] | list[str]) -> str:
    """Names on one line, the first of them where there are many."""
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {more:,} more" if more > 0 else "")
