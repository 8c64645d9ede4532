"""The activity of a job on its page, in each of its states."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.jobs import Job
from codybatch.stores.embedded import EmbeddedStore
from codybatch.ui.activity.timeline import ROWS
from tests.conversation_kit import Talk
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import PLAIN, elements, said, texts
from tests.ui_kit import AWKWARD, HIDING, SECRET, Gallery


@pytest.fixture
def store(home: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(home)
    yield store
    store.close()


@pytest.fixture
def open_tab(open_page: OpenPage) -> OpenPage:
    def opened(job: Job, **parameters: str) -> AppTest:
        return open_page("job", id=job.id, tab="Activity", **parameters)

    return opened


def at_work(talk: Talk) -> Talk:
    talk.tell(EventKind.CLAIMED, "A worker took the job.")
    talk.tell(EventKind.PHASE, "Cloning.")
    talk.tell(EventKind.PHASE, "Claude is at work.")
    return talk.tell(EventKind.RETRIED, "Asking again in 2 s.", EventLevel.WARNING, turn=1)


def markdown(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def test_what_happens_is_told_the_newest_first_with_its_steps(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    page = open_tab(at_work(Talk(store)).commit())

    assert not page.exception
    shown = texts(page)
    assert shown.index("Asking again in 2 s.") < shown.index("Cloning.")
    assert "1 problem · 1 attempt · newest first" in shown
    for step in ("Clone", "Read", "Edit", "Check", "Publish"):
        assert f"**{step}**" in markdown(page)
    assert "**Problem**" in markdown(page)


def test_an_ended_job_is_told_from_its_beginning(store: EmbeddedStore, open_tab: OpenPage) -> None:
    shown = texts(open_tab(at_work(Talk(store)).settle()))

    assert shown.index("Cloning.") < shown.index("Asking again in 2 s.")


@pytest.mark.parametrize("written", ["true", "false"])
def test_the_address_narrows_to_problems(
    store: EmbeddedStore, open_tab: OpenPage, written: str
) -> None:
    page = open_tab(at_work(Talk(store)).commit(), **{"activity-problems": written})

    assert ("Cloning." in texts(page)) is (written == "false")
    assert "Asking again in 2 s." in texts(page)


def test_without_problems_it_says_so(store: EmbeddedStore, open_tab: OpenPage) -> None:
    talk = Talk(store).tell(EventKind.CLAIMED, "A worker took the job.")

    page = open_tab(talk.commit(), **{"activity-problems": "true"})

    assert page.info[0].value == "Nothing went wrong."


def test_a_queued_job_waits_for_a_machine(gallery: Gallery, open_tab: OpenPage) -> None:
    assert "**Waiting for a machine**" in markdown(open_tab(gallery.queued()))


def test_a_job_whose_events_are_gone_says_how_long_they_are_kept(
    gallery: Gallery, open_tab: OpenPage
) -> None:
    assert "What happens to a job is kept for 30 days." in texts(open_tab(gallery.published()))


def test_a_crash_is_told(store: EmbeddedStore, open_tab: OpenPage) -> None:
    talk = at_work(Talk(store)).tell(EventKind.CLAIMED, "A worker took the job (attempt 2).")

    shown = texts(open_tab(talk.commit()))

    assert any(text.startswith("Attempt 1 ended without a word") for text in shown)
    assert "2 problems · 2 attempts · newest first" in shown


def test_many_events_have_pages(store: EmbeddedStore, open_tab: OpenPage) -> None:
    talk = Talk(store).tell(EventKind.CLAIMED, "A worker took the job.")
    for number in range(ROWS):
        talk.tell(EventKind.TOOL, f"grep {number}")
    page = open_tab(talk.commit())
    assert "A worker took the job." not in texts(page)

    page.pagination[0].set_value(2).run()

    assert "A worker took the job." in texts(page)


def test_hostile_text_is_plain_text_without_secrets(
    store: EmbeddedStore, open_tab: OpenPage
) -> None:
    nasty = f"{AWKWARD} {HIDING} {SECRET} <script>window.hacked=1</script>"
    talk = Talk(store).tell(EventKind.CLAIMED, "A worker took the job.")
    page = open_tab(talk.tell(EventKind.TOOL, nasty, EventLevel.ERROR).commit())

    assert any(text.startswith("<b>bold</b> **md**") for text in texts(page))
    assert SECRET not in said(page)
    assert "\u202e" not in said(page)
    assert "x.invalid" not in str([one.proto for one in elements(page, but=PLAIN)])


@pytest.mark.parametrize(
    ("log", "shown"),
    [
        ("https://eu-central-1.console.aws.amazon.com/cloudwatch/home", True),
        ("javascript:alert(1)", False),
        ("/home/dana/logs/job.log", False),
        (None, False),
    ],
)
def test_a_log_on_the_web_is_linked(
    store: EmbeddedStore, open_tab: OpenPage, log: str | None, shown: bool
) -> None:
    talk = at_work(Talk(store))
    talk.job = talk.job.with_(log=log)
    page = open_tab(talk.commit())

    assert [link.proto.url for link in page.get("link_button")] == ([log] if shown else [])
