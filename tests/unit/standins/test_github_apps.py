"""GitHub Apps through PyGithub: installation tokens that end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github import (
    Auth,
    BadCredentialsException,
    Github,
    GithubException,
    GithubIntegration,
    UnknownObjectException,
)

from codybatch.standins.github import GitHubStandin
from codybatch.standins.github.records import App
from tests.unit.standins.github_world import APP, git, push_url


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def app_auth(key: rsa.RSAPrivateKey, app: App) -> Auth.AppAuth:
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Auth.AppAuth(app.id, private.decode())


def registered(github: GitHubStandin, key: rsa.RSAPrivateKey) -> App:
    github.add_repository(APP, files={"a.txt": "a"}, permissions={"batch-app": "push"})
    github.add_repository("acme/elsewhere", private=True)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return github.add_app(7, public.decode(), "batch-app")


def test_an_installation_reads_lists_and_pushes_where_it_is(
    tmp_path: Path, key: rsa.RSAPrivateKey
) -> None:
    with GitHubStandin(tmp_path / "github") as github:
        app = registered(github, key)
        integration = GithubIntegration(
            auth=app_auth(key, app), base_url=github.api_url, seconds_between_requests=0
        )

        installation = integration.get_repo_installation("acme", "app")
        names = [found.full_name for found in installation.get_repos()]
        token = integration.get_access_token(installation.id).token
        git(tmp_path, "clone", "-q", push_url(github, token=token), "work")
        pushed = git(tmp_path / "work", "push", "-q", "origin", "HEAD:refs/heads/by-app")

        assert names == [APP]
        assert pushed.returncode == 0, pushed.stderr
        assert "by-app" in github.bare(APP).branches()
        with pytest.raises(UnknownObjectException):
            integration.get_repo_installation("acme", "elsewhere")


def test_an_installation_token_ends_after_an_hour(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    moments = [datetime.now(UTC).replace(microsecond=0)]
    with GitHubStandin(tmp_path / "github", now=lambda: moments[-1]) as github:
        app = registered(github, key)
        auth = app_auth(key, app).get_installation_auth(app.installation)
        client = Github(auth=auth, base_url=github.api_url, seconds_between_requests=0, retry=0)
        assert client.get_repo(APP).permissions.push is True

        moments.append(moments[-1] + timedelta(hours=1))

        with pytest.raises(BadCredentialsException):
            client.get_repo(APP)


def test_a_foreign_key_gets_no_token(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    foreign = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    with GitHubStandin(tmp_path / "github") as github:
        app = registered(github, key)
        integration = GithubIntegration(
            auth=app_auth(foreign, app), base_url=github.api_url, seconds_between_requests=0
        )

        with pytest.raises(GithubException, match="could not be decoded"):
            integration.get_access_token(app.installation)
