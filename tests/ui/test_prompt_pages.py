"""The pages of prompts, in each of their states."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.clock import SystemClock
from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import PromptDraft, PromptVersion
from codybatch.services.prompts import Prompts
from codybatch.services.starters import starters
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import PLAIN, elements, links, parameters, rows, said, texts
from tests.ui_kit import AWKWARD, HIDING, SECRET, Gallery


@pytest.fixture
def prompts(gallery: Gallery) -> Prompts:
    return Prompts(gallery.records, SystemClock())


def saved(prompts: Prompts, *template: str, name: str = "tidy") -> PromptVersion:
    versions = [
        prompts.save(PromptDraft(name=name, template=text), Person("dana")) for text in template
    ]
    return versions[-1]


def test_an_empty_library_offers_the_starters(open_page: OpenPage) -> None:
    page = open_page("prompts")

    assert not page.exception
    assert "**No prompts yet**" in [one.value for one in page.markdown]
    buttons = [one.key for one in page.button if one.label == "Use this"]
    assert buttons == [f"prompts-use-{one.name}" for one in starters()]


def test_a_starter_becomes_a_prompt_of_the_library(open_page: OpenPage, prompts: Prompts) -> None:
    page = open_page("prompts")

    page.button(key="prompts-use-how-tests-run").click().run()

    assert rows(page) == ["how-tests-run"]
    assert prompts.find("how-tests-run").answer_schema is not None
    assert "prompts-use-how-tests-run" not in [one.key for one in page.button]
    assert [one.value for one in page.toast] == ["Saved how\\-tests\\-run"]


def test_a_search_and_the_archive_are_in_the_address(open_page: OpenPage, prompts: Prompts) -> None:
    saved(prompts, "Tidy up.")
    saved(prompts, "Count.", name="count")
    prompts.archive("count")

    assert rows(open_page("prompts", q="tidy")) == ["tidy"]
    assert rows(open_page("prompts", archived="true")) == ["count"]
    assert "**No prompt matches**" in said(open_page("prompts", q="nothing"))
    assert links(open_page("prompts"))[0].proto.query_string == "name=tidy"


def test_a_prompt_shows_its_latest_version_and_the_way_to_the_others(
    open_page: OpenPage, prompts: Prompts
) -> None:
    saved(prompts, "One {{more}}.", "Two {{more}}.")

    page = open_page("prompt", name="tidy")

    assert not page.exception
    assert page.code[0].value == "Two {{more}}."
    assert "more" in texts(page)
    page.button(key="prompts-version-1").click().run()
    assert page.code[0].value == "One {{more}}."
    assert page.query_params["v"] == "1"


def test_a_version_is_compared_with_any_other(open_page: OpenPage, prompts: Prompts) -> None:
    saved(prompts, "One.", "Two.", "Three.")

    page = open_page("prompt", name="tidy", tab="Changes")

    assert "-Two.\n+Three." in page.code[0].value
    page.selectbox(key="prompts-other-3").select(1).run()
    assert "-One.\n+Three." in page.code[0].value
    saved(prompts, "Only.", name="only")
    assert "This is the only version" in said(open_page("prompt", name="only", tab="Changes"))


def test_where_it_was_used_leads_to_the_requests(gallery: Gallery, open_page: OpenPage) -> None:
    job = gallery.published()
    saved(Prompts(gallery.records, SystemClock()), "What ran.", name=job.prompt.name)

    page = open_page("prompt", name=job.prompt.name, tab="Where used")

    assert rows(page) == [job.request_title]
    assert "$0.84 a job" in texts(page)


def test_an_edit_is_the_next_version(open_page: OpenPage, prompts: Prompts) -> None:
    saved(prompts, "One.")
    page = open_page("prompt", name="tidy", v="1", edit="version")

    page.text_area(key="prompts-edit-tidy-1-text").input("Two {{much}}.").run()
    page.selectbox(key="prompts-edit-tidy-1-much-type").select("number").run()
    page.text_input(key="prompts-edit-tidy-1-much-default-number").input("3").run()
    page.button(key="prompts-edit-tidy-1-save").click().run()

    assert not page.exception
    found = prompts.find("tidy")
    assert (found.number, found.template, found.variables[0].default) == (2, "Two {{much}}.", "3")
    assert page.code[0].value == "Two {{much}}."


def test_a_new_prompt_is_written_and_a_wrong_one_keeps_what_was_written(
    open_page: OpenPage, prompts: Prompts
) -> None:
    page = open_page("prompt", edit="new")
    page.text_area(key="prompts-edit---text").input("Do it.").run()
    page.text_input(key="prompts-edit---name").input("Not A Name").run()
    page.button(key="prompts-edit---save").click().run()

    assert "It was not saved" in said(page)
    assert page.text_area(key="prompts-edit---text").value == "Do it."

    page.text_input(key="prompts-edit---name").input("do-it").run()
    page.button(key="prompts-edit---save").click().run()
    assert prompts.find("do-it").template == "Do it."


def test_what_is_written_and_not_saved_is_there_when_the_editor_is_opened_again(
    open_page: OpenPage, prompts: Prompts
) -> None:
    saved(prompts, "One.")
    page = open_page("prompt", name="tidy", edit="version")
    page.text_area(key="prompts-edit-tidy--text").input("Two {{much}}.").run()
    page.selectbox(key="prompts-edit-tidy--much-type").select("number").run()

    again = open_page("prompt", name="tidy", edit="version")

    assert again.text_area(key="prompts-edit-tidy--text").value == "Two {{much}}."
    assert again.selectbox(key="prompts-edit-tidy--much-type").value == "number"
    assert "This is what you wrote and have not saved." in texts(again)
    again.button(key="prompts-over").click().run()
    assert [one.value for one in again.text_area] == ["One."]
    assert open_page("prompt", edit="new").text_area[0].value == ""


def test_what_was_saved_or_given_up_is_not_kept(open_page: OpenPage, prompts: Prompts) -> None:
    saved(prompts, "One.")
    page = open_page("prompt", name="tidy", edit="version")
    page.text_area(key="prompts-edit-tidy--text").input("Two.").run()
    page.button(key="prompts-edit-tidy--save").click().run()

    page = open_page("prompt", name="tidy", edit="version")

    assert page.text_area[0].value == "Two."
    assert "This is what you wrote and have not saved." not in texts(page)
    page.text_area(key="prompts-edit-tidy--text").input("Three.").run()
    next(one for one in page.button if one.label == "Leave without saving").click().run()
    assert open_page("prompt", name="tidy", edit="version").text_area[0].value == "Two."


def dialog(which: str) -> AppTest:
    """A dialog about the prompt ``tidy``, open again after each press: Streamlit's test runner
    cannot run a dialog without the page that opened it.
    """

    def script(which: str) -> None:
        from datetime import UTC, datetime  # noqa: PLC0415 - a script of its own

        from codybatch.ui.prompts import acts  # noqa: PLC0415
        from codybatch.ui.prompts.view import prompt_view  # noqa: PLC0415
        from codybatch.ui.workbench import the_application  # noqa: PLC0415

        app = the_application()
        view = prompt_view(app.prompts, app.net.clean, datetime.now(UTC), "tidy")
        getattr(acts, which)(app, view)

    return AppTest.from_function(script, default_timeout=20, args=(which,)).run()


def test_a_duplicate_takes_a_name_of_its_own(prompts: Prompts) -> None:
    saved(prompts, "One.")
    asked = dialog("ask_for_name")

    asked.text_input(key="prompts-copy-name").input("tidy").run()
    asked.button(key="prompts-copy").click().run()

    assert "There is a prompt 'tidy' already" in said(asked)
    assert len(prompts.versions("tidy")) == 1


def test_archiving_asks_by_name_and_can_be_taken_back(
    open_page: OpenPage, prompts: Prompts
) -> None:
    saved(prompts, "One.")
    asked = dialog("ask_to_archive")
    assert not prompts.is_archived("tidy")

    asked.button(key="ask-act").click().run()

    assert prompts.is_archived("tidy")
    page = open_page("prompt", name="tidy")
    assert not [one for one in page.button if one.key in {"prompts-edit", "prompts-use"}]
    page.button(key="prompts-unarchive").click().run()
    assert not prompts.is_archived("tidy")


def test_what_is_not_there_is_told(open_page: OpenPage, prompts: Prompts) -> None:
    saved(prompts, "One.")

    assert "No prompt was named" in said(open_page("prompt"))
    assert "could not be shown" in said(open_page("prompt", name="nothing"))
    assert "has no version 9" in said(open_page("prompt", name="tidy", v="9"))


def test_hostile_text_is_plain_text_without_secrets(open_page: OpenPage, prompts: Prompts) -> None:
    nasty = f"{AWKWARD} {HIDING} {SECRET}"
    draft = PromptDraft(name="evil", template=nasty, description=nasty)
    prompts.save(draft, Person(nasty))

    for shown in (open_page("prompts"), open_page("prompt", name="evil")):
        assert not shown.exception
        assert SECRET not in said(shown)
        assert "x.invalid" not in str([one.proto for one in elements(shown, but=PLAIN)])
        assert r"abc\u202edef\x1b[31m\u200b" in "".join(texts(shown))


def test_the_editor_of_a_question_has_its_schema(open_page: OpenPage) -> None:
    page = open_page("prompts")
    page.button(key="prompts-use-how-tests-run").click().run()

    page = open_page("prompt", name="how-tests-run", edit="version")

    assert page.text_area[-1].key == "prompts-edit-how-tests-run--schema"
    assert '"testRunner"' in str(page.text_area[-1].value)


def test_hints_on_a_text_stand_folded_beside_it_and_in_its_editor(
    open_page: OpenPage, prompts: Prompts
) -> None:
    saved(prompts, "Rename `a` only.\nThen run the tests.", f"Rename `a` only. {SECRET}")

    page = open_page("prompt", name="tidy", v="1")

    assert [one.label for one in page.expander] == ["1 hint on this text"]
    assert "“run the tests” orders a program to be run" in said(page)
    assert any(text.startswith("Line 2 · ") for text in texts(page))
    editor = open_page("prompt", name="tidy", v="1", edit="version")
    assert "1 hint on this text" in [one.label for one in editor.expander]
    assert "looks like a secret" in said(open_page("prompt", name="tidy"))


def test_a_text_without_hints_has_no_place_for_them(open_page: OpenPage, prompts: Prompts) -> None:
    saved(prompts, "Rename `a` to {{new}} in code; leave the rest alone.")

    assert not open_page("prompt", name="tidy").expander


def test_reasons_of_rejections_link_to_their_jobs(
    open_page: OpenPage, prompts: Prompts, gallery: Gallery
) -> None:
    for text in ("One.", "Two."):
        saved(prompts, text, name="update")
    wrong = gallery.ended()
    for rater in ("alice", "bob"):
        gallery.judge(wrong, rater, Decision.REJECT, reasons=("wrong",))

    page = open_page("prompt", name="update", tab="Rejected")

    assert "wrong · 2 times" in texts(page)
    assert "2 verdicts reject" in texts(page)
    assert parameters(page, wrong.id) == {"id": wrong.id}


def test_a_prompt_of_which_nothing_was_rejected_says_so(
    open_page: OpenPage, prompts: Prompts
) -> None:
    saved(prompts, "One.")

    assert "**Nothing was rejected**" in said(open_page("prompt", name="tidy", tab="Rejected"))


def test_a_text_is_saved_and_tried_on_one_repository_with_a_small_cap(
    open_page: OpenPage, prompts: Prompts
) -> None:
    page = open_page("prompt", edit="new")
    page.text_input(key="prompts-edit---name").set_value("tidy").run()
    page.text_area(key="prompts-edit---text").set_value("Tidy up.").run()

    page.button(key="prompts-edit---try").click().run()

    assert not page.exception
    assert prompts.find("tidy").number == 1
    assert "New request" in [one.value for one in page.title]
    shown = {one.label: one.value for one in (*page.number_input, *page.selectbox)}
    assert shown["Prompt"] == "tidy"
    assert shown["Budget, US$"] == shown["Budget of each job, US$"] == 0.5
    assert shown["Publish"] == "none"


def test_what_cannot_be_saved_is_not_tried(open_page: OpenPage) -> None:
    page = open_page("prompt", edit="new")

    page.button(key="prompts-edit---try").click().run()

    assert "The prompt needs a name" in said(page)
    assert "New prompt" in [one.value for one in page.title]


def test_the_editor_shows_what_the_model_gets(open_page: OpenPage, prompts: Prompts) -> None:
    saved(prompts, "Replace {{old}}.")
    page = open_page("prompt", name="tidy", edit="version")
    page.session_state["prompts-opening"] = True
    page.run()

    assert any("<task>\nReplace {{old}}.\n</task>" in one.value for one in page.code)
    assert any("tokens at most" in text for text in texts(page))
