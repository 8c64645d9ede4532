"""The page of settings, in each of its states."""

from __future__ import annotations

from decimal import Decimal

import pytest

from codybatch.domain.publication import PublishMode
from codybatch.services.preferences import Preferences, Theme
from codybatch.ui.workbench import the_application
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import said, texts
from tests.ui_kit import Gallery


def kept() -> Preferences:
    app = the_application()
    return app.personal.preferences(app.person).value


def test_preferences_are_saved_and_shown_again(open_page: OpenPage) -> None:
    page = open_page("settings")
    assert not page.exception

    page.button_group[0].set_value(Theme.DARK)
    page.selectbox[0].set_value("Europe/Zurich")
    page.selectbox[2].set_value(PublishMode.DRAFT)
    page.text_input[1].set_value("0.5")
    page.button(key="preferences-save").click().run()

    found = kept()
    assert (found.theme, found.time_zone) == (Theme.DARK, "Europe/Zurich")
    assert (found.defaults.publish, found.defaults.job_cost_cap_usd) == (
        PublishMode.DRAFT,
        Decimal("0.5"),
    )
    assert open_page("settings").selectbox[0].value == "Europe/Zurich"


def test_what_cannot_be_saved_is_named_and_nothing_is_lost(open_page: OpenPage) -> None:
    page = open_page("settings")

    page.text_input[1].set_value("a lot")
    page.button(key="preferences-save").click().run()

    assert "Job cost cap usd" in " ".join(texts(page))
    assert kept() == Preferences()


def test_times_are_in_the_preferred_zone(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.published()
    open_page()
    app = the_application()
    app.personal.prefer(app.person, time_zone="Asia/Tokyo")

    page = open_page("jobs")

    assert "JST" in said(page)


def test_the_table_of_jobs_has_the_preferred_columns(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.published()
    open_page()
    app = the_application()
    app.personal.prefer(app.person, table_columns={"jobs": ("Cost", "Repository")})

    page = open_page("jobs", view="Table")

    assert list(page.dataframe[0].proto.column_order) == ["Cost", "Repository"]


def test_limits_name_the_allow_list_or_how_to_make_one(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "CODYBATCH_ALLOWED_REPOSITORIES" in " ".join(texts(open_page("settings", tab="Limits")))

    monkeypatch.setenv("CODYBATCH_ALLOWED_REPOSITORIES", "acme/*,!acme/secrets")
    page = open_page("settings", tab="Limits")

    assert "acme/*\n!acme/secrets" in [code.value for code in page.code]


def test_the_doctor_looks_when_it_is_asked(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODYBATCH_DEMONSTRATION", "true")
    page = open_page("settings", tab="Health")
    assert "**Not checked yet**" in [one.value for one in page.markdown]

    page.button(key="settings-check").click().run()
    page.session_state["settings-examination"].wait(60)
    page.run()

    assert "**Database**" in [one.value for one in page.markdown]
    assert "Traceback" not in said(page)
