"""Reads are asked again, writes are not, and pauses are waited out by whoever is told of them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from github import Github

from codybatch.domain.errors import (
    CodeHostCredentialRefused,
    CodeHostThrottled,
    RepositoryUnavailable,
)
from codybatch.domain.repositories import RepositoryRef
from codybatch.github.code_host import GitHubCodeHost
from codybatch.github.connection import Connection
from codybatch.github.credentials import FixedToken
from codybatch.github.write_gate import WriteGate
from codybatch.standins.github import Fault, GitHubStandin, faults
from tests.unit.github.kit import APP, WatchedClock, code_host

SHOW = "GET /repos/acme/app"


class CalledAway(Exception):
    pass


@pytest.fixture
def connection(github: GitHubStandin, clock: WatchedClock) -> Connection:
    return Connection(github.api_url, FixedToken(github.tokens["service"]), WriteGate(0.0), clock)


def show(connection: Connection) -> str:
    return connection.read(
        "looking", lambda github: str(github.get_repo("acme/app").raw_data["id"])
    )


@pytest.mark.parametrize("fault", [faults.bad_gateway(SHOW), faults.cut(SHOW),
                                   faults.cut(SHOW, after_bytes=50)])  # fmt: skip
def test_a_read_that_failed_is_asked_again(
    github: GitHubStandin, connection: Connection, clock: WatchedClock, fault: Fault
) -> None:
    github.faults.add(fault.model_copy(update={"times": 2}))

    assert show(connection) == str(github.repository("acme/app").id)

    assert len(github.requests(SHOW)) == 3
    assert clock.slept == [0.5, 1.0]


def test_a_read_that_goes_on_failing_is_given_up(
    github: GitHubStandin, connection: Connection
) -> None:
    github.faults.add(faults.bad_gateway(SHOW, times=9))

    with pytest.raises(RepositoryUnavailable, match="502 while looking"):
        show(connection)

    assert len(github.requests(SHOW)) == 3


def test_nobody_at_the_address_is_a_sentence(clock: WatchedClock) -> None:
    connection = Connection("http://127.0.0.1:9", FixedToken("t"), WriteGate(0.0), clock)

    with pytest.raises(RepositoryUnavailable, match="could not be reached while looking"):
        show(connection)


def test_a_write_is_sent_once_whatever_becomes_of_it(
    github: GitHubStandin, connection: Connection
) -> None:
    route = "PATCH /repos/acme/app/pulls/1"
    github.faults.add(faults.bad_gateway(route, times=9))

    def patch(github: Github) -> object:
        return github.requester.requestJsonAndCheck("PATCH", "/repos/acme/app/pulls/1", input={})

    with pytest.raises(RepositoryUnavailable):
        connection.write("writing", patch)

    assert len(github.requests(route)) == 1


@pytest.mark.parametrize("seconds", [0, 1, 60])
def test_a_short_pause_is_waited_out(
    github: GitHubStandin, connection: Connection, clock: WatchedClock, seconds: int
) -> None:
    github.faults.add(faults.secondary_rate_limit(SHOW, retry_after=seconds))

    show(connection)

    assert [round(slept) for slept in clock.slept] == [max(1, seconds)]


def test_a_primary_limit_that_ends_soon_is_waited_out(
    github: GitHubStandin, connection: Connection, clock: WatchedClock
) -> None:
    reset = int(clock.now().timestamp()) + 30
    github.faults.add(faults.primary_rate_limit(SHOW, reset=reset))

    show(connection)

    (slept,) = clock.slept
    assert 28 < slept <= 31


@pytest.mark.parametrize("seconds", [61, 3600, 100_000])
def test_a_long_pause_is_raised_with_its_end(
    github: GitHubStandin, connection: Connection, clock: WatchedClock, seconds: int
) -> None:
    github.faults.add(faults.secondary_rate_limit(SHOW, retry_after=seconds))

    with pytest.raises(CodeHostThrottled) as stopped:
        show(connection)

    assert abs((stopped.value.until - clock.now()).total_seconds() - seconds) < 5
    assert (clock.slept, len(github.requests(SHOW))) == ([], 1)


def test_all_pauses_of_one_call_together_are_bounded(
    github: GitHubStandin, connection: Connection, clock: WatchedClock
) -> None:
    github.faults.add(faults.secondary_rate_limit(SHOW, retry_after=25, times=99))

    with pytest.raises(CodeHostThrottled):
        show(connection)

    assert sum(clock.slept) <= 60
    assert len(github.requests(SHOW)) == 3


def test_a_limit_that_is_over_by_its_own_words_never_makes_a_storm(
    github: GitHubStandin, connection: Connection, clock: WatchedClock
) -> None:
    github.faults.add(faults.primary_rate_limit(SHOW, reset=1, times=999))

    with pytest.raises(CodeHostThrottled):
        show(connection)

    assert set(clock.slept) == {1.0}
    assert len(github.requests(SHOW)) == 61


def test_whoever_is_told_of_a_pause_waits_it_out(
    github: GitHubStandin, connection: Connection, clock: WatchedClock
) -> None:
    told: list[tuple[float, str]] = []
    github.faults.add(faults.secondary_rate_limit(SHOW, retry_after=20))

    show(connection.waiting(lambda seconds, why: told.append((round(seconds), why))))

    assert told == [(20, "GitHub asks for a pause of 20 s while looking.")]
    assert clock.slept == []


def test_whoever_is_told_of_a_pause_may_give_the_call_up(
    github: GitHubStandin, connection: Connection
) -> None:
    github.faults.add(faults.secondary_rate_limit(SHOW, retry_after=20))

    def leave(seconds: float, why: str) -> None:
        raise CalledAway(f"{why} {seconds}")

    with pytest.raises(CalledAway):
        show(connection.waiting(leave))
    assert len(github.requests(SHOW)) == 1


def test_a_revoked_token_is_told_and_never_shown(
    github: GitHubStandin, host: GitHubCodeHost, caplog: pytest.LogCaptureFixture
) -> None:
    github.tokens.revoke("service")

    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(CodeHostCredentialRefused, match="GITHUB_TOKEN") as refused,
    ):
        host.may_push(APP)

    token = github.tokens["service"]
    for shown in (str(refused.value), repr(host._connection), caplog.text,
                  repr(host.git_access(APP))):  # fmt: skip
        assert token not in shown


@pytest.mark.parametrize("token", ["line\nbreak", "sign\u20ac"])
def test_a_token_that_no_header_can_hold_is_a_wrong_token(
    github: GitHubStandin, token: str
) -> None:
    with pytest.raises(CodeHostCredentialRefused, match="character"):
        code_host(github, token).may_push(APP)


def test_the_api_may_be_at_the_root_or_as_on_enterprise_with_or_without_a_slash(
    github: GitHubStandin,
) -> None:
    for url in (github.url, f"{github.url}/", github.api_url, f"{github.api_url}/"):
        host = code_host(github, api_url=url)
        assert host.may_push(APP) is True
        assert host.account().login == "service"


def test_a_server_that_names_itself_otherwise_is_told_with_the_setting(
    github: GitHubStandin,
) -> None:
    """Its answers lead to another host, which the token must not be sent to."""
    host = code_host(github, api_url=github.api_url.replace("127.0.0.1", "localhost"))
    github.rename_repository("acme/app", "acme/tool")
    github.faults.add(
        Fault(
            route=SHOW,
            kind="answer",
            status=301,
            headers={"Location": f"{github.api_url}/repositories/1"},
        )
    )

    with pytest.raises(Exception, match="GITHUB_API_URL"):
        host.may_push(APP)


def test_a_name_is_asked_for_once(github: GitHubStandin, connection: Connection) -> None:
    former = RepositoryRef.parse("acme/app")
    github.rename_repository("acme/app", "acme/tool")

    assert [connection.current_name(former) for _ in range(3)] == ["acme/tool"] * 3
    assert len(github.requests(SHOW)) == 1


def test_a_client_that_waits_otherwise_knows_the_names_too(
    github: GitHubStandin, connection: Connection
) -> None:
    former = RepositoryRef.parse("acme/app")
    github.rename_repository("acme/app", "acme/tool")
    other = connection.waiting(lambda seconds, why: pytest.fail(f"{why} {seconds}"))

    assert [each.current_name(former) for each in (other, connection)] == ["acme/tool"] * 2
    assert len(github.requests(SHOW)) == 1


def test_importing_and_making_a_client_opens_nothing(tmp_path: Path) -> None:
    host = GitHubCodeHost(
        "http://127.0.0.1:9", "http://127.0.0.1:9", "t", WatchedClock(),
        WriteGate(1.0, tmp_path / "home" / "lock"),
    )  # fmt: skip

    host.close()

    assert list(tmp_path.iterdir()) == []
