"""What all pages have in common: who may reach them, and what they say of errors."""

from __future__ import annotations

import tomllib

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from codybatch.web.addresses import LOOPBACK_NAMES
from tests.ui.conftest import ROOT, OpenPage
from tests.ui.page_contents import said, texts
from tests.ui_kit import SECRET, Gallery


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7", "workbench.example", None])
@pytest.mark.parametrize("page", ["", "job"])
def test_no_page_is_shown_where_other_machines_can_reach_it(
    gallery: Gallery, open_page: OpenPage, page: str, address: str | None
) -> None:
    job = gallery.published()
    config.set_option("server.address", address)

    shown = open_page(page, id=job.id)

    assert "which other machines can reach" in shown.error[0].value
    assert "acme" not in said(shown)


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_pages_are_shown_on_this_machine(open_page: OpenPage, address: str) -> None:
    config.set_option("server.address", address)

    assert not open_page().error


def test_the_server_answers_to_every_name_of_this_machine_and_to_no_other() -> None:
    written = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())

    assert set(written["server"]["allowedHosts"]) == LOOPBACK_NAMES


def test_an_error_that_nobody_foresaw_is_told_without_its_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)

    def script(secret: str) -> None:
        from codybatch.ui.workbench import errors_told  # noqa: PLC0415 - a script of its own

        with errors_told("This page"):
            raise RuntimeError(secret)

    page = AppTest.from_function(script, args=(SECRET,)).run()

    (text,) = texts(page)
    assert text.startswith("Something went wrong on this page; your jobs go on.")
    assert "RuntimeError" not in said(page)
    assert text.rpartition("by ")[2].rstrip(".") in caplog.text
    assert "RuntimeError" in caplog.text
    assert SECRET not in caplog.text


def test_an_error_of_what_a_button_calls_is_told_without_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def script() -> None:
        from codybatch.ui.workbench import tell_uncaught  # noqa: PLC0415 - a script of its own

        assert tell_uncaught(RuntimeError("what it was"))

    page = AppTest.from_function(script).run()

    (text,) = texts(page)
    assert text.startswith("Something went wrong on this page; your jobs go on.")
    assert "**What was asked for could not be done**" in page.markdown[0].value
    assert "what it was" not in said(page)
    assert text.rpartition("by ")[2].rstrip(".") in caplog.text
