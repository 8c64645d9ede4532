"""Settings: which variables are ours, and what is said of those that cannot be used."""

from __future__ import annotations

import os

import pytest

from codybatch.backing import launch_command
from codybatch.composition import conversation_environment
from codybatch.domain.errors import InvalidSetting
from codybatch.settings import load_settings, unknown_variables, variables


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CODYBATCH_ALLOWED_REPOSITORY", "CODYBATCH_ALLOWED_REPOSITORIES"),
        ("CODYBATCH_MODLE", "CODYBATCH_MODEL"),
        ("CODYBATCH_MAX_TURN", "CODYBATCH_MAX_TURNS"),
        ("CODYBATCH_SOMETHING_ELSE_ENTIRELY", ""),
        ("CODYBATCH_", ""),
    ],
)
def test_a_variable_that_nothing_reads_comes_with_the_one_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(name, "x")

    assert unknown_variables()[name] == meant


def test_no_variable_that_is_read_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CODYBATCH_")]:
        monkeypatch.delenv(name)
    for name in (*variables().values(), "CODYBATCH_DEBUG", "SOMEBODY_ELSES"):
        monkeypatch.setenv(name, "x")

    assert unknown_variables() == {}


def test_every_setting_that_cannot_be_used_is_named_with_what_it_takes() -> None:
    with pytest.raises(InvalidSetting) as refused:
        load_settings(max_turns=0, publish="loudly", github_api_url="ftp://x", max_minutes="soon")

    message = str(refused.value)
    assert "CODYBATCH_MAX_TURNS takes at least 1." in message
    assert "CODYBATCH_PUBLISH takes none, branch, draft or ready." in message
    assert "CODYBATCH_MAX_MINUTES takes a whole number." in message
    assert "GITHUB_API_URL: an address begins with https://" in message


@pytest.mark.parametrize(
    ("server", "host"),
    [
        ("https://github.com", "github.com"),
        ("https://ghe.example.com/", "ghe.example.com"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
    ],
)
def test_addresses_are_taken_from_the_server_that_clones_come_from(server: str, host: str) -> None:
    assert load_settings(github_server_url=server).code_host_name == host


@pytest.mark.parametrize("written", ["load-balancer", "10.0.0.1/8", "10.0.0.0/16, *"])
def test_a_proxy_is_an_address_or_a_network(written: str) -> None:
    with pytest.raises(InvalidSetting, match=r"CODYBATCH_ACCESS_PROXIES.*such as 10\.0\.0\.0/16"):
        load_settings(access_proxies=written)


def test_proxies_are_written_as_the_server_reads_them() -> None:
    assert load_settings(access_proxies="10.0.0.7, 10.64.0.0/16 ").access_proxies == (
        "10.0.0.7/32,10.64.0.0/16"
    )


def test_workers_are_not_told_how_one_signs_in_to_the_workbench(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = "a-token-of-24-characters"
    before = load_settings().fingerprint()
    monkeypatch.setenv("CODYBATCH_ACCESS_TOKEN", token)
    monkeypatch.setenv("CODYBATCH_ACCESS_NAMES", "workbench.example")
    monkeypatch.setenv("CODYBATCH_ACCESS_PROXIES", "10.0.0.0/16")

    settings = load_settings()

    assert settings.as_environment()["CODYBATCH_ACCESS_TOKEN"] == token
    told = (launch_command(settings).environment, conversation_environment(settings))
    for environment in told:
        assert token not in repr(environment)
        assert not any("ACCESS" in name for name in environment)
    assert settings.fingerprint() == before
    assert token in settings.secrets()
    assert token not in repr(settings)
