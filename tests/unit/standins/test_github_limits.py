"""Primary rate limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from github import RateLimitExceededException

from codybatch.standins.github import GitHubStandin
from codybatch.standins.github.limits import RateLimits
from tests.unit.standins.github_world import APP, call, graphql, pygithub

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


def test_points_run_out_and_come_back(tmp_path: Path) -> None:
    clock = Clock()
    with GitHubStandin(tmp_path, now=clock, limits={"core": 2}) as github:
        github.add_repository(APP)
        answers = [call(github, "GET", f"/repos/{APP}") for _ in range(3)]
        clock.time += timedelta(hours=1)
        later = call(github, "GET", f"/repos/{APP}")

    assert [answer.status_code for answer in (*answers, later)] == [200, 200, 403, 200]
    assert answers[2].headers["X-RateLimit-Remaining"] == "0"
    assert answers[2].headers["X-RateLimit-Reset"] == str(int(NOON.timestamp()) + 3600)
    assert answers[2].json()["message"].startswith("API rate limit exceeded for user ID")
    assert later.headers["X-RateLimit-Remaining"] == "1"


def test_pygithub_knows_the_limit(tmp_path: Path) -> None:
    with GitHubStandin(tmp_path, limits={"search": 0}) as github:
        client = pygithub(github)
        with pytest.raises(RateLimitExceededException):
            list(client.search_repositories("app"))
        overview = client.get_rate_limit().resources

    assert (overview.search.limit, overview.search.remaining) == (0, 0)
    assert (overview.core.limit, overview.core.used) == (5000, 0)
    assert (overview.code_search.limit, overview.graphql.limit) == (10, 5000)


def test_graphql_has_points_of_its_own(tmp_path: Path) -> None:
    with GitHubStandin(tmp_path, limits={"graphql": 1}) as github:
        first = graphql(github, "{ rateLimit { limit remaining used resetAt } }")
        second = graphql(github, "{ viewer { login } }")

    assert first["data"]["rateLimit"]["remaining"] == 0
    assert second["errors"][0]["type"] == "RATE_LIMITED"


def test_accounts_count_for_themselves_whatever_their_token(tmp_path: Path) -> None:
    with GitHubStandin(tmp_path) as github:
        github.add_repository(APP)
        github.tokens.add("second", login="service")
        github.tokens.add("other")
        used = [
            call(github, "GET", f"/repos/{APP}", token=token).headers["X-RateLimit-Used"]
            for token in ("service", "second", "other", None)
        ]

    assert used == ["1", "2", "1", "1"]


def test_nobody_has_sixty_points_an_hour() -> None:
    limits = RateLimits(Clock())

    assert limits.spend("", "core").limit == 60
    assert limits.spend("somebody", "core").limit == 5000
