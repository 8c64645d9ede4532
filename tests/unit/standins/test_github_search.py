"""Searching for repositories and for code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from github import GithubException

from codybatch.standins.github import GitHubStandin
from tests.unit.standins.github_world import call, pygithub


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubStandin]:
    root: Path = tmp_path_factory.mktemp("github")
    generous = {"search": 10_000, "code_search": 10_000}
    with GitHubStandin(root, limits=generous) as running:
        running.add_repository(
            "acme/weather",
            files={
                "weather.py": "from datetime import datetime\nnow = datetime.utcnow()\n",
                "tests/test_weather.py": "import requests\n",
            },
            topics=("python", "client"),
            description="A client for forecasts",
            stars=5,
        )
        running.add_repository(
            "acme/shop",
            files={"src/shop.js": "const requests = utcnow\n"},
            topics=("web",),
            stars=9,
            size_kb=5000,
        )
        running.add_repository("acme/old", files={"old.py": "utcnow"}, archived=True)
        running.add_repository("other/weather", files={"a.go": "package a\n"}, private=True)
        running.add_repository("acme/hidden", files={"a.py": "utcnow"}, private=True)
        running.change_repository("acme/old", pushed_at=datetime(2020, 1, 1, tzinfo=UTC))
        yield running


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("weather", ["acme/weather"]),
        ("forecasts client", ["acme/weather"]),
        ("org:acme", ["acme/shop", "acme/weather", "acme/old"]),
        ("user:acme archived:false", ["acme/shop", "acme/weather"]),
        ("org:acme archived:true", ["acme/old"]),
        ("topic:python", ["acme/weather"]),
        ("-topic:web org:acme", ["acme/weather", "acme/old"]),
        ("language:python", ["acme/weather", "acme/old"]),
        ("language:JavaScript", ["acme/shop"]),
        ("repo:acme/shop repo:acme/old", ["acme/shop", "acme/old"]),
        ("size:>=5000", ["acme/shop"]),
        ("stars:5..9", ["acme/shop", "acme/weather"]),
        ("pushed:<2021-01-01", ["acme/old"]),
        ("org:acme pushed:>=2021-01-01", ["acme/shop", "acme/weather"]),
        ("is:public org:acme weather in:name", ["acme/weather"]),
    ],
)
def test_repositories_are_found_by_words_and_qualifiers(
    github: GitHubStandin, query: str, names: list[str]
) -> None:
    found = pygithub(github).search_repositories(query)

    assert [repository.full_name for repository in found] == names
    assert found.totalCount == len(names)


@pytest.mark.parametrize("query", ["org:nobody", "repo:acme/gone", "repo:acme/hidden"])
def test_what_cannot_be_searched_is_refused(github: GitHubStandin, query: str) -> None:
    with pytest.raises(GithubException) as refused:
        list(pygithub(github).search_repositories(query))

    assert refused.value.status == 422
    assert "cannot be searched" in refused.value.data["errors"][0]["message"]


def test_an_empty_query_is_refused(github: GitHubStandin) -> None:
    assert call(github, "GET", "/search/repositories?q=").status_code == 422


def test_beyond_a_thousand_results_there_is_nothing(github: GitHubStandin) -> None:
    answer = call(github, "GET", "/search/repositories?q=weather&per_page=100&page=11")

    assert answer.status_code == 422
    assert answer.json()["message"] == "Only the first 1000 search results are available"


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        (
            "utcnow",
            [
                ("acme/weather", "weather.py"),
                ("acme/shop", "src/shop.js"),
                ("acme/old", "old.py"),
            ],
        ),
        ("utcnow language:python archived:false", [("acme/weather", "weather.py")]),
        ('"import datetime"', [("acme/weather", "weather.py")]),
        ("import now", [("acme/weather", "weather.py")]),
        ("requests path:tests", [("acme/weather", "tests/test_weather.py")]),
        ("requests extension:js", [("acme/shop", "src/shop.js")]),
        ("IMPORT filename:test_weather.py org:acme", [("acme/weather", "tests/test_weather.py")]),
        ("utcnow -language:python", [("acme/shop", "src/shop.js")]),
        ("nowhere", []),
    ],
)
def test_code_is_found_where_every_word_stands(
    github: GitHubStandin, query: str, hits: list[tuple[str, str]]
) -> None:
    found = pygithub(github).search_code(query)

    assert [(hit.repository.full_name, hit.path) for hit in found] == hits


def test_code_hits_name_the_blob_but_no_permissions(github: GitHubStandin) -> None:
    answer = call(github, "GET", "/search/code?q=forecast+OR+utcnow+repo:acme/weather")
    hit = call(github, "GET", "/search/code?q=utcnow+repo:acme/weather").json()["items"][0]

    assert answer.status_code == 200
    assert "permissions" not in hit["repository"]
    assert github.bare("acme/weather").git("cat-file", "blob", hit["sha"]).startswith(b"from")


def test_code_search_needs_a_credential_and_a_word(github: GitHubStandin) -> None:
    assert call(github, "GET", "/search/code?q=utcnow", token=None).status_code == 401
    assert call(github, "GET", "/search/code?q=org:acme").status_code == 422
