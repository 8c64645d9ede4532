"""The page of settings, in each of its states."""

from __future__ import annotations

from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.composition import verdict_reasons
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import PublishMode
from codybatch.services.preferences import Preferences, Theme
from codybatch.ui.workbench import the_application
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import said, texts
from tests.ui_kit import DIFF, Gallery


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


# the reasons of verdicts


def reasons(kind: Kind = Kind.CHANGE) -> tuple[str, ...]:
    return verdict_reasons(the_application()).of(kind)


def write_reasons(page: AppTest, text: str) -> AppTest:
    page.text_area[0].set_value(text)
    return page.button(key="settings-reasons-save").click().run()


def test_reasons_are_changed_for_all_people_and_changed_back(open_page: OpenPage) -> None:
    page = open_page("settings", tab="Reasons")
    assert page.text_area[0].placeholder.startswith("wrong\nincomplete")
    assert "settings-reasons-undo" not in [button.key for button in page.button]

    write_reasons(page, "off topic\n\n  too   clever \n")
    assert reasons() == ("off topic", "too clever")
    assert page.text_area[0].value == "off topic\ntoo clever"

    page.button(key="settings-reasons-undo").click().run()
    assert reasons()[0] == "wrong"
    assert page.text_area[0].value == ""


def test_a_kind_of_prompt_has_reasons_of_its_own(open_page: OpenPage) -> None:
    page = write_reasons(open_page("settings", tab="Reasons"), "off topic")
    page.segmented_control(key="settings-reasons-kind").set_value(Kind.AUDIT).run()
    assert page.text_area[0].placeholder == "off topic"

    write_reasons(page, "false alarm")

    assert (reasons(Kind.AUDIT), reasons(Kind.ASK)) == (("false alarm",), ("off topic",))


def test_a_reason_that_cannot_be_is_said_and_nothing_saved(open_page: OpenPage) -> None:
    page = write_reasons(open_page("settings", tab="Reasons"), "a, b")

    assert "no comma" in " ".join(texts(page))
    assert reasons()[0] == "wrong"


def test_of_two_who_change_the_reasons_the_second_is_told(open_page: OpenPage) -> None:
    page = open_page("settings", tab="Reasons")
    verdict_reasons(the_application()).keep(["theirs"], {}, 0)

    write_reasons(page, "mine")
    assert "Somebody else changed the list first" in page.error[0].value
    assert reasons() == ("theirs",)

    page.button(key="settings-reasons-again").click().run()
    assert page.text_area[0].value == "theirs"
    write_reasons(page, "mine")
    assert reasons() == ("mine",)


def test_the_reasons_of_the_list_are_those_of_the_judging_queue(
    gallery: Gallery, open_page: OpenPage
) -> None:
    gallery.ended("acme/api", patch=DIFF)
    write_reasons(open_page("settings", tab="Reasons"), "off topic")

    page = open_page("judge")

    assert [one.label for one in page.button if str(one.key).startswith("job-reason-")] == [
        "off topic"
    ]
