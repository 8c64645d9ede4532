"""Which candidates the filters keep, and what is said of every other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from codybatch.domain.errors import InvalidSelection
from codybatch.domain.repositories import AllowList, RepositoryFacts, RepositoryRef
from codybatch.domain.selection import (
    Filters,
    LeftOutBecause,
    size_in_words,
    why_left_out,
)

ALLOWED = AllowList.parse("acme/*,!acme/secret*")
SPRING = datetime(2026, 3, 20, 12, tzinfo=UTC)


def facts(name: str = "acme/app", **changes: Any) -> RepositoryFacts:
    return RepositoryFacts(
        **{
            "id": "1",
            "repository": RepositoryRef.parse(name),
            "default_branch": "main",
            "head_commit": "",
            "size_kb": 2048,
            "language": "Python",
            "pushed_at": SPRING,
            **changes,
        }
    )


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"languages": ("python",)},
        {"languages": ("Go", "PYTHON")},
        {"min_size_kb": 2048, "max_size_kb": 2048},
        {"pushed_since": SPRING},
        {"owned": False},
        {"archived": True, "forks": True},
    ],
)
def test_what_passes_every_filter_is_kept(filters: dict[str, Any]) -> None:
    assert why_left_out(facts(), Filters(**filters), ALLOWED) is None


@pytest.mark.parametrize(
    ("has", "filters", "because", "detail"),
    [
        (
            {"name": "other/app"},
            {},
            "not_allowed",
            "No pattern of CODYBATCH_ALLOWED_REPOSITORIES includes it: acme/*, !acme/secret*.",
        ),
        (
            {"name": "acme/secrets"},
            {},
            "not_allowed",
            "The pattern !acme/secret* of CODYBATCH_ALLOWED_REPOSITORIES excludes it.",
        ),
        ({"disabled": True}, {}, "unusable", "The code host has disabled it."),
        (
            {"archived": True},
            {},
            "archived",
            "It is archived, and archived ones were not asked for.",
        ),
        ({"default_branch": ""}, {}, "empty", "It is empty: there is no commit to work on."),
        ({"fork": True}, {}, "fork", "It is a fork, and forks were not asked for."),
        (
            {},
            {"languages": ("Go", "Rust")},
            "language",
            "Its main language is Python; asked for Go or Rust.",
        ),
        (
            {"language": None},
            {"languages": ("Go",)},
            "language",
            "It has no language; asked for Go.",
        ),
        ({}, {"min_size_kb": 3000}, "size", "It has 2 MB; asked for at least 2.9 MB."),
        ({}, {"max_size_kb": 500}, "size", "It has 2 MB; asked for at most 500 KB."),
        (
            {},
            {"pushed_since": SPRING.replace(day=21)},
            "not_pushed_since",
            "The last push was on 2026-03-20; asked for since 2026-03-21.",
        ),
        (
            {"pushed_at": None},
            {"pushed_since": SPRING},
            "not_pushed_since",
            "Nothing was ever pushed; asked for since 2026-03-20.",
        ),
        (
            {},
            {"owned": True},
            "not_owned",
            "The service account may not push there; asked for owned.",
        ),
        (
            {"owned": True},
            {"owned": False},
            "owned",
            "The service account may push there; asked for not owned.",
        ),
    ],
)
def test_what_is_left_out_has_its_reason_with_the_value_and_what_was_asked_for(
    has: dict[str, Any], filters: dict[str, Any], because: str, detail: str
) -> None:
    candidate = facts(**has)

    left_out = why_left_out(candidate, Filters(**filters), ALLOWED)

    assert left_out is not None
    assert (left_out.because, left_out.detail) == (LeftOutBecause(because), detail)
    assert (left_out.repository, left_out.facts) == (candidate.repository, candidate)


def test_archived_ones_and_forks_are_kept_where_they_were_asked_for() -> None:
    candidate = facts(archived=True, fork=True)

    assert why_left_out(candidate, Filters(archived=True, forks=True), ALLOWED) is None


def test_the_allow_list_comes_before_every_other_reason() -> None:
    candidate = facts("other/app", archived=True, default_branch="", fork=True)

    left_out = why_left_out(candidate, Filters(languages=("Go",), owned=True), ALLOWED)

    assert left_out is not None
    assert left_out.because is LeftOutBecause.NOT_ALLOWED


def test_sizes_that_nothing_can_have_are_refused() -> None:
    Filters(min_size_kb=5, max_size_kb=5).check()
    with pytest.raises(InvalidSelection, match="at least 2 MB and at most 500 KB"):
        Filters(min_size_kb=2048, max_size_kb=500).check()


@pytest.mark.parametrize(
    ("kilobytes", "words"),
    [
        (0, "0 KB"),
        (1023, "1,023 KB"),
        (1024, "1 MB"),
        (1600, "1.6 MB"),
        (1024 * 1024 - 1, "1 GB"),
        (5 * 1024 * 1024, "5 GB"),
        (5000 * 1024 * 1024, "5,000 GB"),
    ],
)
def test_sizes_read_as_people_say_them(kilobytes: int, words: str) -> None:
    assert size_in_words(kilobytes) == words
