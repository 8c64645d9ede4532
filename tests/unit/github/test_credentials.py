"""Tokens of a GitHub App's installation: made when needed, renewed in time, shown to nobody."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from codybatch.domain.errors import (
    CodeHostCredentialRefused,
    CodeHostThrottled,
    RepositoryUnavailable,
)
from codybatch.domain.repositories import RepositoryFacts
from codybatch.domain.selection import Source, SourceKind
from codybatch.github.code_host import GitHubCodeHost
from codybatch.github.credentials import AppInstallation, Credential, FixedToken, GitHubApp
from codybatch.github.write_gate import WriteGate
from codybatch.standins.github import Fault, GitHubStandin, faults
from codybatch.standins.github.records import App
from tests.unit.github.kit import APP, TEXT, WatchedClock, branch, key_pair
from tests.unit.standins.github_world import git

MINT = "POST /app/installations/*/access_tokens"
LIST = "GET /app/installations"


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    """The app's private and public key."""
    return key_pair()


class World:
    """A stand-in and an app, on one clock."""

    def __init__(self, folder: Path, keys: tuple[str, str], life: timedelta) -> None:
        self.clock = WatchedClock()
        self.private, public = keys
        self.github = GitHubStandin(folder / "github", now=self.clock.now, token_life=life)
        self.app: App = self.github.add_app(7, public, "batch-app")
        self.told: list[tuple[str, ...]] = []

    def installation(self, **changes: object) -> AppInstallation:
        settings = {"id": "7", "private_key": self.private, "installation": None, **changes}
        app = GitHubApp(**settings)  # type: ignore[arg-type]
        return AppInstallation(app, self.github.api_url, self.clock, self.told.append)

    def host(self, **changes: object) -> GitHubCodeHost:
        credential = self.installation(**changes)
        github = self.github
        return GitHubCodeHost(github.api_url, github.url, credential, self.clock, WriteGate(0.0))

    def pass_time(self, **time: float) -> None:
        self.clock.ahead += timedelta(**time)


Opens = Callable[[timedelta], World]


@pytest.fixture
def opens(tmp_path: Path, keys: tuple[str, str]) -> Iterator[Opens]:
    running: list[World] = []

    def opened(life: timedelta) -> World:
        made = World(tmp_path, keys, life)
        made.github.start()
        running.append(made)
        rights = {"batch-app": "push"}
        made.github.add_repository("acme/app", files={"a.txt": "a\n"}, permissions=rights)
        made.github.add_repository("acme/other", files={"a.txt": "a\n"})
        made.github.journal.clear()
        return made

    yield opened
    for each in running:
        each.github.stop()


@pytest.fixture
def world(opens: Opens) -> World:
    return opens(timedelta(hours=1))


# --- what it may do


def test_an_app_owns_where_it_is_installed(world: World) -> None:
    host = world.host()

    found = host.candidates(Source(kind=SourceKind.ORGANISATION, query="acme"), 10).found

    owned = {
        str(each.repository): isinstance(each, RepositoryFacts) and each.owned for each in found
    }
    assert owned == {"acme/app": True, "acme/other": False}
    assert host.may_push(APP) is True
    assert host.may_push(APP.with_(name="other")) is False
    assert host.account().login == "batch-app[bot]"


def test_the_one_installation_is_found_and_a_named_one_is_not_looked_for(world: World) -> None:
    world.host().may_push(APP)
    world.host(installation=world.app.installation).may_push(APP)

    assert len(world.github.requests(LIST)) == 1
    assert len(world.github.requests(MINT)) == 2


def test_where_the_app_is_installed_is_asked_once_for_many_repositories(world: World) -> None:
    asked = [APP, *(APP.with_(name=f"gone{number}") for number in range(99))]

    app, *_ = world.host().look_up(asked)

    assert isinstance(app, RepositoryFacts)
    assert app.owned
    assert len(world.github.requests("GET /installation/repositories")) == 1
    assert len(world.github.requests("POST /graphql")) == 3


def test_one_token_serves_all_calls_and_all_threads(world: World) -> None:
    credential = world.installation()
    github = world.github

    def ask(_: int) -> bool:
        host = GitHubCodeHost(github.api_url, github.url, credential, world.clock, WriteGate(0.0))
        return host.may_push(APP)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(8)))

    assert len(github.requests(MINT)) == 1


def test_messages_name_the_app_s_settings(world: World) -> None:
    host = world.host()

    (unknown,) = host.look_up([APP.with_(name="gone")])

    assert "GITHUB_APP_ID" in str(unknown)
    assert "GITHUB_APP_ID" in host.git_access(APP).setting


# --- its tokens end


def test_a_token_is_renewed_before_it_ends(world: World) -> None:
    host = world.host()
    host.may_push(APP)
    world.pass_time(minutes=57)
    host.may_push(APP)
    assert len(world.github.requests(MINT)) == 1

    world.pass_time(minutes=2)
    host.may_push(APP)

    assert len(world.github.requests(MINT)) == 2
    assert 401 not in {entry.status for entry in world.github.requests()}


def test_a_long_wait_between_two_acts_needs_no_new_client(world: World) -> None:
    branch(world.github, "work")
    host = world.host()
    host.may_push(APP)

    world.pass_time(hours=30)
    made = host.open_pull_request(APP, "work", "main", TEXT, draft=True)
    world.pass_time(hours=30)

    assert [pull.state for pull in host.refresh([made])] == ["open"]
    assert 401 not in {entry.status for entry in world.github.requests()}


def test_git_gets_a_token_that_outlives_a_long_clone(world: World) -> None:
    host = world.host()
    first = host.git_access(APP).token
    world.pass_time(minutes=29)
    assert host.git_access(APP).token == first

    world.pass_time(minutes=2)

    assert host.git_access(APP, write=True).token != first


def test_git_pushes_just_after_the_former_token_ended(world: World, tmp_path: Path) -> None:
    host = world.host()
    former = host.git_access(APP)
    world.pass_time(minutes=60)
    url = former.url.replace("://", "://x-access-token:{}@")
    git(tmp_path, "clone", "-q", former.url, "work")

    refused = git(tmp_path / "work", "push", "-q", url.format(former.token), "HEAD:refs/heads/one")
    access = host.git_access(APP, write=True)
    pushed = git(tmp_path / "work", "push", "-q", url.format(access.token), "HEAD:refs/heads/two")

    assert refused.returncode != 0
    assert pushed.returncode == 0, pushed.stderr
    assert set(world.github.bare("acme/app").branches()) == {"main", "two"}


def test_tokens_that_end_at_once_are_made_for_each_step(opens: Opens) -> None:
    world = opens(timedelta(seconds=20))
    host = world.host()

    tokens = {host.git_access(APP).token for _ in range(3)}

    assert len(tokens) == 3
    assert host.may_push(APP) is True


def test_a_token_that_is_refused_early_is_replaced_once(world: World) -> None:
    host = world.host()
    host.may_push(APP)
    for name in list(world.github.tokens):
        world.github.tokens.revoke(name)

    assert host.may_push(APP) is True
    assert len(world.github.requests(MINT)) == 2

    world.github.faults.add(faults.unauthorized("GET /repos/acme/app", times=9))
    with pytest.raises(CodeHostCredentialRefused, match="GITHUB_APP_ID"):
        host.may_push(APP)
    assert len(world.github.requests(MINT)) == 3


def test_git_gets_another_token_where_one_is_refused(world: World) -> None:
    host = world.host()
    former = host.git_access(APP, write=True)
    assert former.renewed is not None
    assert str(former.token) not in repr(former)

    other = former.renewed()

    assert other is not None
    assert other.token != former.token
    assert other.url == former.url
    assert len(world.github.requests(MINT)) == 2


def test_a_token_that_another_thread_renewed_already_is_not_given_up(world: World) -> None:
    host = world.host()
    access, of_another_thread = host.git_access(APP), host.git_access(APP)
    assert access.renewed
    assert of_another_thread.renewed

    given = {way.token for way in (access.renewed(), of_another_thread.renewed()) if way}

    assert len(given) == 1
    assert len(world.github.requests(MINT)) == 2


def test_of_a_token_that_a_person_set_there_is_no_other(world: World) -> None:
    github = world.github
    host = GitHubCodeHost(github.api_url, github.url, "ghp_x", world.clock, WriteGate(0.0))
    renewed = host.git_access(APP).renewed

    assert renewed is not None
    assert renewed() is None


# --- it is refused


def test_a_key_of_another_app_is_told(world: World) -> None:
    other, _ = key_pair()

    with pytest.raises(CodeHostCredentialRefused, match="GITHUB_APP_ID 7 with its private key"):
        world.host(private_key=other).git_access(APP)
    assert len(world.github.requests(LIST)) == 1


def test_a_key_that_is_none_is_told(world: World) -> None:
    with pytest.raises(CodeHostCredentialRefused, match="no RSA key in PEM"):
        world.host(private_key="-----BEGIN nothing").may_push(APP)


def test_an_installation_that_is_not_there_is_told(world: World) -> None:
    with pytest.raises(CodeHostCredentialRefused, match=r"no installation 99.*INSTALLATION_ID"):
        world.host(installation=99).may_push(APP)


@pytest.mark.parametrize(("logins", "said"), [
    ((), "installed nowhere"),
    (("acme", "umbrella"), r"installed 2 times: 1 \(acme\), 2 \(umbrella\).*INSTALLATION_ID"),
])  # fmt: skip
def test_none_or_several_installations_are_told(
    world: World, logins: tuple[str, ...], said: str
) -> None:
    body = [{"id": number, "account": {"login": login}} for number, login in enumerate(logins, 1)]
    world.github.faults.add(Fault(route=LIST, kind="answer", status=200, body=json.dumps(body)))

    with pytest.raises(CodeHostCredentialRefused, match=said):
        world.host().may_push(APP)


def test_a_suspended_installation_is_told(world: World) -> None:
    body = '{"message": "This installation has been suspended"}'
    world.github.faults.add(Fault(route=MINT, kind="answer", status=403, body=body))

    with pytest.raises(CodeHostCredentialRefused, match="has been suspended"):
        world.host().may_push(APP)


def test_a_token_is_asked_for_again_where_github_fails(world: World) -> None:
    world.github.faults.add(faults.bad_gateway(MINT, times=2))

    assert world.host().git_access(APP).token
    assert world.clock.slept == [0.5, 1.0]


def test_a_github_that_goes_on_failing_is_told(world: World) -> None:
    branch(world.github, "work")
    host = world.host()
    world.github.faults.add(faults.bad_gateway(MINT, times=99))

    with pytest.raises(RepositoryUnavailable, match="502 while getting a token"):
        host.update_pull_request(APP, 1, TEXT)


def test_a_pause_that_github_asks_for_is_honoured(world: World) -> None:
    world.github.faults.add(faults.secondary_rate_limit(MINT, retry_after=300))

    with pytest.raises(CodeHostThrottled):
        world.host().git_access(APP)


# --- and shown to nobody


def test_tokens_and_the_key_are_in_no_log_and_no_words(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        host = world.host()
        access = host.git_access(APP)
        host.may_push(APP)

    assert access.token
    key_line = world.private.splitlines()[1]
    for shown in (caplog.text, repr(host._connection), repr(world.installation()), repr(access),
                  repr(GitHubApp("7", world.private))):  # fmt: skip
        assert access.token not in shown
        assert key_line not in shown


def test_whoever_redacts_is_told_of_the_tokens_that_are_alive(world: World) -> None:
    host = world.host()
    first = host.git_access(APP).token
    world.pass_time(minutes=45)
    second = host.git_access(APP).token
    world.pass_time(minutes=45)
    third = host.git_access(APP).token

    assert world.told == [(first,), (first, second), (second, third)]


def test_an_identity_tells_credentials_apart_and_reveals_none(world: World) -> None:
    fixed: list[Credential] = [FixedToken("a"), FixedToken("b"), FixedToken(None)]
    several = [*fixed, world.installation(), world.installation(installation=5)]

    assert len({each.identity for each in several}) == 5
    assert all(set(each.identity) <= set("0123456789abcdef") for each in several)
    assert world.installation().identity == world.installation().identity


def test_a_token_that_others_got_for_an_installation_is_known_as_such() -> None:
    assert FixedToken("ghs_x").is_installation
    assert not FixedToken("ghp_x").is_installation
    assert FixedToken("").is_nobody
