"""What a search asks for, and how what it found reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from codybatch.domain.errors import InvalidRepository, InvalidSelection, UsageError
from codybatch.domain.repositories import AllowList, RepositoryFacts, RepositoryRef
from codybatch.domain.selection import LeftOut, LeftOutBecause, Selection, SourceKind
from codybatch.ui.compose.search import SearchResult, asked, search_result

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ALLOWED = AllowList.parse("acme/*")


def facts(written: str, **known: Any) -> RepositoryFacts:
    ref = RepositoryRef.parse(written)
    return RepositoryFacts(
        id=written, repository=ref, default_branch="main", head_commit="", **known
    )


def left_out(written: str, because: LeftOutBecause, detail: str = "Why.") -> LeftOut:
    return LeftOut(repository=RepositoryRef.parse(written), because=because, detail=detail)


def result(found: Selection, **more: Any) -> SearchResult:
    return search_result(found, frozenset({"acme/api"}), ALLOWED, str, NOW, **more)


def test_names_are_read_however_they_are_pasted() -> None:
    said = {"where": SourceKind.NAMES, "words": "acme/a, acme/b@next\nhttps://github.com/acme/c"}

    source, _ = asked(said, "github.com", NOW)

    assert [str(one) for one in source.names] == ["acme/a", "acme/b@next", "acme/c"]


def test_a_query_is_taken_as_it_is_with_every_filter() -> None:
    said = {
        "where": SourceKind.CODE,
        "words": " utcnow ",
        "languages": ["Python"],
        "min_size": "10",
        "max_size": "2MB",
        "since": "30d",
        "archived": True,
        "forks": True,
        "owned": "not owned",
    }

    source, filters = asked(said, "github.com", NOW)

    assert (source.kind, source.query) == (SourceKind.CODE, "utcnow")
    assert (filters.languages, filters.min_size_kb, filters.max_size_kb) == (("Python",), 10, 2048)
    assert filters.pushed_since == NOW - timedelta(days=30)
    assert (filters.archived, filters.forks, filters.owned) == (True, True, False)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"where": SourceKind.USER, "words": " "}, InvalidSelection),
        ({"where": SourceKind.NAMES, "words": ""}, InvalidSelection),
        ({"where": SourceKind.NAMES, "words": "acme/a not-a-name"}, InvalidRepository),
        ({"where": SourceKind.USER, "words": "a", "min_size": "huge"}, InvalidSelection),
        (
            {"where": SourceKind.USER, "words": "a", "min_size": "2MB", "max_size": "1MB"},
            InvalidSelection,
        ),
        ({"where": SourceKind.USER, "words": "a", "since": "soon"}, UsageError),
    ],
)
def test_what_cannot_be_understood_is_refused(said: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        asked(said, "github.com", NOW)


def test_what_was_found_is_told_with_what_is_known_of_it() -> None:
    found = Selection(
        chosen=(
            facts("acme/api", language="Python", size_kb=2048, owned=True),
            facts("acme/web", private=True, fork=True, pushed_at=NOW - timedelta(minutes=5)),
        ),
        left_out=(),
        looked_at=2,
        incomplete="There are more.",
    )

    shown = result(found)

    first, second = shown.rows
    assert (first.owner, first.name, first.is_chosen) == ("acme", "api", True)
    assert first.about == "Python · 2 MB · owned"
    assert second.about == "0 KB · pushed 5 min ago · private · fork · not owned"
    assert (shown.summary, shown.incomplete, shown.more) == ("2 found", "There are more.", 0)


def test_long_lists_are_shown_in_parts() -> None:
    found = Selection(
        chosen=tuple(facts(f"acme/{number}") for number in range(30)), left_out=(), looked_at=30
    )

    shown = result(found, most=12)

    assert (len(shown.rows), shown.more) == (12, 18)


def test_what_is_left_out_says_why_and_how_to_allow_it_where_that_would_help() -> None:
    archived = left_out("acme/old", LeftOutBecause.ARCHIVED, "It is archived.")
    forbidden = left_out("other/x", LeftOutBecause.NOT_ALLOWED)

    plain = result(Selection(chosen=(), left_out=(archived,), looked_at=1))
    refused = result(Selection(chosen=(), left_out=(archived, forbidden), looked_at=2))

    assert plain.left_out == (("acme/old", "It is archived."),)
    assert plain.how_to_allow == ""
    assert refused.left_out_in_short == "2 left out: 1 archived, 1 not allowed"
    assert "CODYBATCH_ALLOWED_REPOSITORIES, which is 'acme/*'" in refused.how_to_allow


def test_what_hides_in_an_answer_is_shown() -> None:
    hiding = left_out("acme/x", LeftOutBecause.UNUSABLE, "gone\u202e")

    shown = result(Selection(chosen=(), left_out=(hiding,), looked_at=1))

    assert shown.left_out == (("acme/x", "gone\\u202e"),)
