"""By which addresses and names the workbench is reached."""

from __future__ import annotations

import socket

import pytest

from codybatch.web.addresses import answers_to, host_of, is_loopback, is_same_origin

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "::ffff:127.0.0.1"]
)
def test_addresses_of_this_machine_alone(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "::", "192.0.2.7", "::ffff:192.0.2.7", "localhost.example", ""]
)
def test_addresses_that_others_reach(address: str) -> None:
    assert not is_loopback(address)


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("localhost:8501", "localhost"),
        ("Workbench.Example.", "workbench.example"),
        ("[::1]:8501", "::1"),
        ("192.0.2.7", "192.0.2.7"),
        ("", None),
        ("a@localhost", None),
        ("localhost/x", None),
        ("localhost?x", None),
        ("localhost:port", None),
        ("localhost:99999", None),
        ("[::1", None),
    ],
)
def test_a_host_header_is_a_name_or_nothing(written: str, host: str | None) -> None:
    assert host_of(written) == host


def test_a_page_is_ours_if_it_came_from_the_very_name_and_port() -> None:
    assert is_same_origin("http://localhost:8501", "localhost:8501")
    assert is_same_origin("https://Workbench.Example", "workbench.example")
    for other in (
        "http://localhost:8502",
        "http://localhost",
        "null",
        "http://localhost:8501.evil.example",
        "ftp://localhost:8501",
        "http://localhost:8501@evil.example",
    ):
        assert not is_same_origin(other, "localhost:8501")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_on_this_machine_it_answers_to_this_machines_names(host: str) -> None:
    assert answers_to(host, "127.0.0.1", "127.0.0.1", NONE)


@pytest.mark.parametrize("host", ["evil.example", "192.0.2.9", "127.0.0.1.evil.example"])
def test_it_answers_to_no_name_that_somebody_else_chose(host: str) -> None:
    assert not answers_to(host, "127.0.0.1", "127.0.0.1", NONE)
    assert not answers_to(host, "192.0.2.7", "0.0.0.0", NONE)


def test_for_others_it_answers_to_its_address_its_name_and_those_that_were_allowed() -> None:
    assert answers_to("192.0.2.7", "192.0.2.7", "0.0.0.0", NONE)
    assert answers_to("192.0.2.7", "::ffff:192.0.2.7", "::", NONE)
    assert answers_to("wb.example", "192.0.2.7", "wb.example", NONE)
    assert answers_to("wb.example", "127.0.0.1", "127.0.0.1", frozenset({"wb.example"}))
    assert answers_to(socket.gethostname().lower(), "192.0.2.7", "0.0.0.0", NONE)
