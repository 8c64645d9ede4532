"""The page of a new request, in each of its states."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.domain.prompts import Kind, PromptDraft, Variable, VariableType
from codybatch.domain.requests import ExistingPullRequest
from codybatch.standins.github import faults
from codybatch.ui.workbench import the_application
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import said, texts
from tests.worker.world import CLEAN, CLOCKS, UTCNOW, World, world

SECONDS = 30.0
pytestmark = pytest.mark.usefixtures("here")
REPOSITORIES = {
    "acme/clocks": CLOCKS,
    "acme/clean": CLEAN,
    "upstream/clocks": CLOCKS,
    "acme/one": CLEAN,
    "acme/two": CLEAN,
    "acme/three": CLEAN,
    "elsewhere/forbidden": CLEAN,
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A workbench whose services are stand-ins."""
    with world(tmp_path, REPOSITORIES) as made:
        for name, value in made.settings.as_environment().items():
            monkeypatch.setenv(name, value)
        yield made


def until(page: AppTest, holds: Callable[[AppTest], bool]) -> AppTest:
    """Run the page again until something holds: what it looks up comes from other threads."""
    latest = time.monotonic() + SECONDS
    while not holds(page):
        assert time.monotonic() < latest, said(page)
        page.run()
    assert not page.exception
    return page


def key(page: AppTest, name: str) -> str:
    """Of a widget that fills in the draft: new ones are made where the draft is replaced."""
    return f"compose-{name}.{page.session_state['composing-generation']}"


def kept_text(open_page: OpenPage) -> str:
    """The text that another session finds."""
    page = open_page("compose")
    return str(page.text_area(key=key(page, "text")).value)


def write(page: AppTest, text: str = UTCNOW) -> AppTest:
    page.segmented_control(key=key(page, "source")).set_value("written").run()
    return page.text_area(key=key(page, "text")).set_value(text).run()


def choose(page: AppTest, *names: str) -> AppTest:
    """Name repositories, and wait until they are chosen and the estimate is there."""
    page.text_area(key="looking-words-names").set_value("\n".join(names))
    page.button("FormSubmitter:compose-search-Add").click().run()
    return until(page, lambda it: f"{len(names)} of 5" in said(it) and "between" in said(it))


def run_button(page: AppTest) -> str:
    return str(page.button(key="run").label)


def confirm(here: World, page: AppTest) -> AppTest:
    """Run it, with a dispatcher of the world's own, which ends with it."""
    here.app.local_engine.ensure_dispatcher()
    page.button(key="run").click().run()
    return page.button(key="confirm-run").click().run()


def test_an_empty_draft_says_what_is_missing_and_cannot_be_run(open_page: OpenPage) -> None:
    page = open_page("compose")

    assert not page.exception
    assert page.button(key="run").disabled
    shown = texts(page)
    assert "Write what should be done in each repository." in shown
    assert "Choose up to 5 repositories." in shown
    assert "Pick or write a prompt for an estimate." in shown


def test_without_an_allow_list_the_page_says_how_to_set_one(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODYBATCH_ALLOWED_REPOSITORIES")

    page = write(open_page("compose"))

    assert any("CODYBATCH_ALLOWED_REPOSITORIES" in text for text in texts(page))
    assert not page.exception


def test_without_a_key_the_page_says_which_one_is_missing(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")

    assert any("ANTHROPIC_API_KEY" in text for text in texts(open_page("compose")))


def test_a_prompt_is_written_and_run_on_repositories_after_one_confirmation(
    here: World, open_page: OpenPage
) -> None:
    page = choose(write(open_page("compose")), "acme/clocks", "upstream/clocks")
    assert run_button(page) == "Run on 2 repositories"
    here.app.local_engine.ensure_dispatcher()

    page.button(key="run").click().run()
    assert any("It will probably cost $" in text for text in texts(page))
    page.button(key="confirm-run").click().run()

    (request,) = here.app.requests.list().items
    assert request.prompt_text == UTCNOW
    assert [one.full_name for one in request.repositories] == ["acme/clocks", "upstream/clocks"]
    assert not here.app.personal.draft(here.app.person).version


def test_a_saved_prompt_asks_for_its_variables_by_their_types(
    here: World, open_page: OpenPage
) -> None:
    here.app.prompts.save(
        PromptDraft(
            name="raise-python",
            template="Raise Python to {{version}} in {{count}} files; tests {{tests}}, {{note}}.",
            variables=(
                Variable(name="version", type=VariableType.CHOICE, choices=("3.11", "3.12")),
                Variable(name="count", type=VariableType.NUMBER),
                Variable(name="tests", type=VariableType.BOOLEAN, default="yes"),
            ),
        ),
        here.app.person,
    )
    page = open_page("compose", prompt="raise-python")

    assert "Fill in version, count, note." in texts(page)
    page.selectbox(key=key(page, "value-choice-version")).set_value("3.12").run()
    page.number_input(key=key(page, "value-number-count")).set_value(3.0).run()
    page.text_input(key=key(page, "value-text-note")).set_value("mind {{this}}").run()
    page = confirm(here, choose(page, "acme/clocks"))

    (request,) = here.app.requests.list().items
    assert request.prompt_text == "Raise Python to 3.12 in 3 files; tests true, mind {{this}}."


def test_variables_are_found_in_a_text_that_is_written(here: World, open_page: OpenPage) -> None:
    page = write(open_page("compose"), "Replace {{old}} by {{ new }}.")

    assert page.text_input(key=key(page, "value-text-old")).label == "old"
    assert "Fill in old, new." in texts(page)
    page.selectbox(key=key(page, "type-old")).set_value("number").run()
    page.number_input(key=key(page, "value-number-old")).set_value(2.5).run()
    page.text_input(key=key(page, "value-text-new")).set_value("three").run()
    page = confirm(here, choose(page, "acme/clocks"))

    (request,) = here.app.requests.list().items
    assert request.prompt_text == "Replace 2.5 by three."
    found = here.app.prompts.find(str(request.prompt))
    assert found.variables == (Variable(name="old", type=VariableType.NUMBER),)


def test_a_schema_that_cannot_be_held_is_told_as_it_is_typed(open_page: OpenPage) -> None:
    page = write(open_page("compose"), "Which version of Python does it need?")
    page.segmented_control(key=key(page, "kind")).set_value(Kind.ASK).run()
    assert any("needs the JSON Schema" in text for text in texts(page))

    page.text_area(key=key(page, "schema")).set_value('{"type": ').run()
    assert any("The schema is not JSON: line 1" in text for text in texts(page))

    page.text_area(key=key(page, "schema")).set_value('{"type": "object", "not": {}}').run()
    assert any("say what is allowed instead" in text for text in texts(page))


def test_a_text_is_saved_as_a_version_and_picked(here: World, open_page: OpenPage) -> None:
    page = write(open_page("compose"))
    page.text_input(key=key(page, "name")).set_value("utc-clocks").run()

    next(one for one in page.button if one.label == "Save now").click().run()

    assert here.app.prompts.find("utc-clocks@1").template == UTCNOW
    assert page.selectbox(key=key(page, "prompt")).value == "utc-clocks"
    assert page.code[0].value == UTCNOW


def test_a_name_that_cannot_be_used_is_told(open_page: OpenPage) -> None:
    page = write(open_page("compose"))

    page.text_input(key=key(page, "name")).set_value("Not A Name").run()

    assert any("is not a prompt's name" in text for text in texts(page))
    assert page.button(key="run").disabled


def test_what_is_left_out_is_told_with_its_reason_and_how_to_allow_it(open_page: OpenPage) -> None:
    page = write(open_page("compose"))
    page.text_area(key="looking-words-names").set_value("acme/clocks elsewhere/forbidden acme/gone")
    page.button("FormSubmitter:compose-search-Add").click().run()
    until(page, lambda it: "1 of 5" in said(it))

    shown = texts(page)
    assert any("No pattern of CODYBATCH_ALLOWED_REPOSITORIES includes it" in it for it in shown)
    assert any(it.startswith("To allow one, add it to") for it in shown)
    assert any("acme/gone" in it for it in shown)


def test_an_organisation_is_searched_and_one_of_it_chosen(open_page: OpenPage) -> None:
    page = write(open_page("compose"))
    page.segmented_control(key="looking-where").set_value("organisation").run()
    page.text_input(key="looking-words-organisation").set_value("acme")
    page.button("FormSubmitter:compose-search-Search").click().run()
    until(page, lambda it: "5 found." in texts(it))

    next(one for one in page.button if one.label == "Choose").click().run()

    assert "1 of 5" in said(page)


def test_more_repositories_than_the_limit_are_listed_to_choose_from(open_page: OpenPage) -> None:
    page = write(open_page("compose"))
    names = "acme/clocks acme/clean acme/one acme/two acme/three upstream/clocks"
    page.text_area(key="looking-words-names").set_value(names)
    page.button("FormSubmitter:compose-search-Add").click().run()
    until(page, lambda it: "6 found." in texts(it))
    assert "0 of 5" in said(page)

    for _ in range(5):
        next(one for one in page.button if one.label == "Choose" and not one.disabled).click().run()

    assert "5 of 5" in said(page)
    assert all(one.disabled for one in page.button if one.label == "Choose")


def test_an_error_of_the_code_host_is_told_and_what_was_found_is_kept(
    here: World, open_page: OpenPage
) -> None:
    page = choose(write(open_page("compose")), "acme/clocks")
    here.github.faults.add(faults.unauthorized("POST /graphql", times=20))
    page.text_area(key="looking-words-names").set_value("acme/clean")
    page.button("FormSubmitter:compose-search-Add").click().run()

    until(page, lambda it: "The search brought nothing" in said(it))

    assert any("GITHUB_TOKEN" in text for text in texts(page))
    assert "1 of 5" in said(page)
    assert not page.button(key="run").disabled


def test_a_search_that_takes_long_can_be_called_off(here: World, open_page: OpenPage) -> None:
    page = write(open_page("compose"))
    here.github.faults.add(faults.stall("POST /graphql", seconds=3))
    page.text_area(key="looking-words-names").set_value("acme/clocks")
    page.button("FormSubmitter:compose-search-Add").click().run()
    assert any("Asking the code host …" in text for text in texts(page))
    assert page.text_area(key=key(page, "text")).value == UTCNOW  # nothing waits for it

    page.button(key="cancel-search").click().run()

    assert not any("Asking the code host …" in text for text in texts(page))
    assert "0 of 5" in said(page)


def test_what_cannot_be_understood_is_said_without_asking_anybody(open_page: OpenPage) -> None:
    page = open_page("compose")

    page.text_area(key="looking-words-names").set_value("https://elsewhere.example/a/b")
    page.button("FormSubmitter:compose-search-Add").click().run()

    assert any("is not the code host in use" in text for text in texts(page))


def test_a_draft_is_there_again_in_another_session(open_page: OpenPage) -> None:
    page = choose(write(open_page("compose"), "Replace {{old}}."), "acme/clocks")
    page.text_input(key=key(page, "value-text-old")).set_value("this").run()
    page.number_input(key=key(page, "option-max_turns")).set_value(7).run()

    again = open_page("compose")

    assert again.text_area(key=key(again, "text")).value == "Replace {{old}}."
    assert again.text_input(key=key(again, "value-text-old")).value == "this"
    assert again.number_input(key=key(again, "option-max_turns")).value == 7
    until(again, lambda it: "between" in said(it))
    assert run_button(again) == "Run on 1 repository"


def test_two_tabs_that_submit_the_same_draft_make_one_request(
    here: World, open_page: OpenPage
) -> None:
    first = choose(write(open_page("compose")), "acme/clocks")
    second = until(open_page("compose"), lambda it: "between" in said(it))

    confirm(here, first)
    confirm(here, second)

    assert len(here.app.requests.list().items) == 1


def test_a_draft_that_another_tab_changed_is_not_overwritten(open_page: OpenPage) -> None:
    first = write(open_page("compose"), "One.")
    second = open_page("compose")
    first.text_area(key=key(first, "text")).set_value("Two.").run()

    second.text_area(key=key(second, "text")).set_value("Three.").run()

    assert "This draft is open in another tab, too" in said(second)
    assert kept_text(open_page) == "Two."
    second.run()
    next(one for one in second.button if one.label == "Keep what is here").click().run()
    assert kept_text(open_page) == "Three."


def test_clearing_can_be_undone(open_page: OpenPage) -> None:
    page = write(open_page("compose"))

    next(one for one in page.button if one.label == "Clear draft").click().run()
    assert page.text_area(key=key(page, "text")).value == ""
    next(one for one in page.button if one.label == "Undo").click().run()

    assert page.text_area(key=key(page, "text")).value == UTCNOW
    assert kept_text(open_page) == UTCNOW


def test_an_earlier_request_is_used_again_and_the_draft_put_aside(
    here: World, open_page: OpenPage
) -> None:
    created = here.submit("acme/clocks", "acme/clean", max_turns=9)
    write(open_page("compose"), "My own.")

    page = open_page("compose", **{"from": created.request.id})

    assert page.selectbox(key=key(page, "prompt")).value == "utcnow"
    assert page.number_input(key=key(page, "option-max_turns")).value == 9
    assert "2 of 5" in said(page)
    assert "from" not in page.query_params
    next(one for one in page.button if one.label == "Undo").click().run()
    assert page.text_area(key=key(page, "text")).value == "My own."


def test_a_prompt_that_was_archived_since_stays_chosen_until_another_is(
    here: World, open_page: OpenPage
) -> None:
    created = here.submit("acme/clocks", name="fleeting", prompt="Tidy.")
    here.app.prompts.archive("fleeting")

    page = open_page("compose", **{"from": created.request.id}).run()

    assert page.selectbox(key=key(page, "prompt")).value == "fleeting"
    assert "is archived" in said(page)


def test_a_request_leads_to_one_like_it(here: World, open_page: OpenPage) -> None:
    created = here.submit("acme/clocks", "acme/clean")
    page = open_page("request", id=created.request.id)

    page.button(key="request-use-again").click().run()

    assert page.title[0].value == "New request"
    assert page.selectbox(key=key(page, "prompt")).value == "utcnow"
    assert "2 of 5" in said(page)


def test_a_job_is_used_again_with_its_repository_alone(here: World, open_page: OpenPage) -> None:
    created = here.submit("acme/clocks", "acme/clean")

    page = open_page("compose", **{"from": created.jobs[1].id})

    assert "1 of 5" in said(page)
    assert page.text_input(key=key(page, "ref-acme/clean")).value == ""


def test_a_repository_of_the_address_is_looked_up_and_chosen(open_page: OpenPage) -> None:
    page = open_page("compose", repository="acme/clocks@nowhere")

    until(page, lambda it: any("no branch" in text for text in texts(it)))

    page.text_input(key=key(page, "ref-acme/clocks")).set_value("").run()
    until(page, lambda it: any("Python" in text for text in texts(it)))


def test_an_address_that_names_nothing_is_told(open_page: OpenPage) -> None:
    page = open_page("compose", prompt="never-written")

    assert "This could not be used again" in said(page)
    assert not page.exception


def test_where_a_pull_request_is_open_the_page_asks_what_to_do(
    here: World, open_page: OpenPage
) -> None:
    here.wait(here.submit("acme/clocks", publish="draft"))
    page = open_page("compose", prompt="utcnow", repository="acme/clocks")
    page.selectbox(key=key(page, "option-publish")).set_value("draft").run()
    until(page, lambda it: "between" in said(it))

    confirm(here, page)

    assert "A pull request is open already" in said(page)
    assert "--existing" not in said(page)
    page.button(key="open-another").click().run()
    page.button(key="confirm-run").click().run()
    request = here.app.requests.list().items[0]
    assert request.options.existing_pull_request is ExistingPullRequest.ANOTHER


def test_a_refusal_by_policy_keeps_the_draft(
    here: World, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODYBATCH_MODEL", "claude-of-nowhere")
    page = write(open_page("compose", repository="acme/clocks"))

    confirm(here, page)

    assert "The request was refused" in said(page)
    assert page.text_area(key=key(page, "text")).value == UTCNOW
    assert not here.app.requests.list().items


def test_a_model_without_a_price_has_no_estimate_and_the_page_says_so(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODYBATCH_MODEL", "claude-of-nowhere")

    page = write(open_page("compose", repository="acme/clocks"))

    until(page, lambda it: any("No price is known" in text for text in texts(it)))
    assert "No estimate yet" in said(page)


def test_a_preview_keeps_the_place_of_what_is_not_filled_in(open_page: OpenPage) -> None:
    page = write(open_page("compose"), "Replace {{old}}.")
    page.session_state["preview"] = True
    page.run()

    assert "<task>\nReplace {{old}}.\n</task>" in page.code[0].value


def test_the_preview_shows_what_the_model_will_read(open_page: OpenPage) -> None:
    page = write(open_page("compose"), "Replace {{old}}.")
    page.text_input(key=key(page, "value-text-old")).set_value("<that>").run()
    page.session_state["preview"] = True
    page.run()

    assert "<task>\nReplace <that>.\n</task>" in page.code[0].value
    assert any("tokens at most" in text for text in texts(page))


def test_hints_on_the_text_stop_nobody(open_page: OpenPage) -> None:
    page = write(open_page("compose"), "Improve the code. Keep {{these}}.")

    assert "1 hint on this text" in [one.label for one in page.expander]
    assert "“Improve the code” sets no bounds" in said(page)
    write(page, "Rename `a` only, and keep {{these}}.")
    assert not [one for one in page.expander if "hint" in one.label]


def test_a_starter_that_the_address_names_is_saved_and_chosen(open_page: OpenPage) -> None:
    page = open_page("compose", starter="replace-utcnow")

    assert not page.exception
    app = the_application()
    assert app.prompts.find("replace-utcnow").number == 1
    assert "replace-utcnow" in said(page)


def test_a_starter_that_does_not_exist_is_named(open_page: OpenPage) -> None:
    page = open_page("compose", starter="nothing")

    assert "There is no starter 'nothing'" in said(page)


def test_trying_a_prompt_out_keeps_a_smaller_cap_and_publishes_nothing(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODYBATCH_JOB_COST_CAP_USD", "0.20")
    monkeypatch.setenv("CODYBATCH_PUBLISH", "draft")

    page = open_page("compose", **{"try": "true"})

    shown = {one.label: one.value for one in (*page.number_input, *page.selectbox)}
    assert shown["Budget of each job, US$"] == 0.2
    assert shown["Budget, US$"] == 0.5
    assert shown["Publish"] == "none"
