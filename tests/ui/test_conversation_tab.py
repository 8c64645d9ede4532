"""The conversation of a job on its page, in each of its states."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from codybatch.domain.jobs import Job
from codybatch.stores.embedded import EmbeddedStore
from tests.conversation_kit import Talk, call, everyday, of_length, result, text
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import PLAIN, elements, said, texts
from tests.ui_kit import AWKWARD, HIDING, SECRET, Gallery

NASTY = f"{AWKWARD} {HIDING} {SECRET} <script>window.hacked=1</script>"


@pytest.fixture
def store(home: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(home)
    yield store
    store.close()


@pytest.fixture
def open_tab(open_page: OpenPage) -> OpenPage:
    def opened(job: Job, **parameters: str) -> AppTest:
        return open_page("job", id=job.id, tab="Conversation", **parameters)

    return opened


def htmls(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def turns(app: AppTest) -> list[str]:
    """The anchors of the turns on the page."""
    return [line.partition('id="')[2].partition('"')[0] for line in _lines(app)]


def _lines(app: AppTest) -> list[str]:
    bodies = [element.proto.body for element in app.get("html")]
    return [body for body in bodies if body.startswith('<div class="turn-line')]


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.expander]


def test_each_turn_shows_its_words_and_folds_the_rest(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    page = open_tab(everyday(Talk(store)).settle())

    assert not page.exception
    assert turns(page) == [
        *("conversation-1", "turn-1", "turn-2", "turn-3", "turn-4", "turn-5", "turn-6"),
        *("conversation-2", "turn-7", "turn-8"),
    ]
    assert any("I look for `utcnow`" in one.value for one in page.markdown)
    assert "**grep** `utcnow`" in labels(page)
    assert any("**failed**" in label for label in labels(page))
    assert not any("utcnow()" in one.value for one in page.code)
    assert "$0.0125" in htmls(page)


def test_a_folded_call_is_filled_once_it_is_opened(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    job = everyday(Talk(store)).settle()
    page = open_tab(job)

    page.session_state[f"conversation-part-{job.id}-5-0"] = True
    page.run()

    assert "-utcnow()\n+now(UTC)" in [one.value for one in page.code]
    assert "Edited src/app.py: 1 replacement." in [one.value for one in page.code]


def test_a_deep_link_opens_the_page_of_its_turn_and_marks_it(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    page = open_tab(of_length(Talk(store), 120).settle(), turn="117")

    assert page.pagination[0].value == 3
    assert "turn-117" in turns(page)
    (here,) = [line for line in _lines(page) if " here" in line.partition('"')[2].partition('"')[0]]
    assert 'id="turn-117"' in here


@pytest.mark.parametrize("written", ["0", "999", "-1", "x", "17<script>"])
def test_a_turn_that_does_not_exist_opens_the_first_page(
    store: EmbeddedStore, open_tab: OpenPage, written: str
) -> None:
    page = open_tab(of_length(Talk(store), 60).settle(), turn=written)

    assert not page.exception
    assert turns(page)[1] == "turn-1"


def test_a_page_of_the_address_is_opened_and_turned(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    page = open_tab(of_length(Talk(store), 120).settle(), **{"conversation-page": "2"})
    assert turns(page)[0] == "turn-50"

    page.pagination[0].set_value(3).run()

    assert turns(page)[0] == "turn-100"


def test_turning_the_page_leaves_the_turn_of_the_address(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    page = open_tab(of_length(Talk(store), 120).settle(), turn="117")

    page.pagination[0].set_value(1).run()

    assert turns(page)[1] == "turn-1"
    assert "turn" not in page.query_params


def test_jumps_lead_to_the_next_edit_error_and_the_end(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    page = open_tab(everyday(Talk(store)).settle())

    page.button(key="conversation-error").click().run()
    assert page.query_params["turn"] == "3"
    page.button(key="conversation-error").click().run()
    assert page.query_params["turn"] == "4"
    page.button(key="conversation-edit").click().run()
    assert page.query_params["turn"] == "5"
    page.button(key="conversation-edit").click().run()
    assert "No edit from here to the end." in texts(page)
    page.button(key="conversation-end").click().run()
    assert page.query_params["turn"] == "8"


def test_a_jump_turns_the_page(store: EmbeddedStore, open_tab: OpenPage) -> None:
    talk = of_length(Talk(store), 80)
    talk.turn([call("grep", 900)], [result("no", 900, failed=True)])
    page = open_tab(talk.settle())

    page.button(key="conversation-error").click().run()

    assert page.pagination[0].value == 2
    assert "turn-81" in turns(page)


def test_a_search_leads_to_the_turns_that_hold_the_words(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    page = open_tab(of_length(Talk(store), 80).settle(), **{"conversation-find": "MODULE_77"})
    assert "1 place found in the whole conversation." in texts(page)

    page.button(key="conversation-to-0").click().run()

    assert page.query_params["turn"] == "77"
    assert "turn-77" in turns(page)


def test_a_search_that_finds_nothing_says_where_it_looked(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    page = open_tab(everyday(Talk(store)).settle(), **{"conversation-find": "nowhere"})

    assert "Nothing found in the whole conversation." in texts(page)


@pytest.mark.parametrize(
    ("show", "shown"),
    [
        ("Text", ["turn-1", "turn-4", "turn-6"]),
        ("Tools", ["turn-1", "turn-2", "turn-3", "turn-5", "turn-7", "turn-8"]),
        ("Errors", ["turn-3", "turn-4"]),
    ],
)
def test_the_address_narrows_what_is_shown(
    store: EmbeddedStore, open_tab: OpenPage, show: str, shown: list[str]
) -> None:
    page = open_tab(everyday(Talk(store)).settle(), **{"conversation-show": show})

    assert turns(page) == shown


def test_a_page_without_errors_says_so(store: EmbeddedStore, open_tab: OpenPage) -> None:
    job = of_length(Talk(store), 5).settle()

    page = open_tab(job, **{"conversation-show": "Errors"})

    assert page.info[0].value == "There are no errors on this page."


def test_hostile_text_is_neither_markup_nor_fetched_and_holds_no_secret(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    talk = Talk(store).begin(NASTY)
    talk.turn([text(NASTY), call(NASTY, 1, path=NASTY)], [result(NASTY, 1, failed=True)])
    page = open_tab(talk.refused(NASTY).settle())

    assert not page.exception
    everything = (said(page) + "".join(labels(page)) + htmls(page)).replace("\\", "")
    assert SECRET not in everything
    assert "\u202e" not in everything
    assert "x.invalid" not in htmls(page)
    assert "<b>" not in htmls(page).replace("</b>", "").replace('<b role="img"', "")
    for element in elements(page, but=PLAIN):
        assert "![i](" not in str(element.proto)
        assert "[x](http" not in str(element.proto)


def test_a_conversation_that_goes_on_is_shown_as_far_as_it_is_committed(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    talk = Talk(store).begin().turn([text("The first.")])
    page = open_tab(talk.commit())
    assert turns(page) == ["conversation-1", "turn-1"]

    talk.turn([text("The second.")]).commit()
    st.cache_resource.clear()  # a second later
    page.run()

    assert turns(page) == ["conversation-1", "turn-1", "turn-2"]


def test_a_long_conversation_that_goes_on_opens_at_its_end(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    page = open_tab(of_length(Talk(store), 70).commit())

    assert turns(page)[-1] == "turn-70"


def test_before_the_first_turn_each_state_says_why_there_is_nothing(
    gallery: Gallery, open_tab: OpenPage
) -> None:
    assert any("not answered yet" in one.value for one in open_tab(gallery.running()).markdown)
    assert any("not asked yet" in one.value for one in open_tab(gallery.queued()).markdown)
    assert "The job ended before Claude was asked." in texts(open_tab(gallery.cancelled()))


def test_a_damaged_thread_is_told_with_a_number_that_the_log_knows(
    store: EmbeddedStore, home: Path, open_tab: OpenPage, caplog: pytest.LogCaptureFixture
) -> None:
    job = everyday(Talk(store)).settle()
    (thread,) = (file for file in home.rglob("thread.jsonl*") if file.is_file())
    thread.chmod(0o600)
    thread.write_bytes(thread.read_bytes()[:-3] + b"???")

    page = open_tab(job)

    assert "The tab Conversation could not be shown" in "".join(one.value for one in page.markdown)
    assert "Traceback" not in said(page)
    assert texts(page)[-1].rpartition("by ")[2].rstrip(".") in caplog.text
