"""Every page in light and in dark: nothing serious for axe, and no scrolling sideways on a phone.

A page is a line in ``PAGES``: its address, and what stands there once it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from codybatch.clock import SystemClock
from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.schedules import RunOutcome
from codybatch.services.prompts import Prompts
from codybatch.services.starters import starter_named
from tests.browser.axe import accessible
from tests.browser.kit import fits, settled, visit, workbench
from tests.contracts.examples import ALICE, NOON
from tests.contracts.schedule_examples import a_run, a_schedule
from tests.conversation_kit import Talk, everyday
from tests.experiment_gallery import an_ended_experiment
from tests.ui_kit import Gallery

Address = Callable[[Gallery], str]


def talked(gallery: Gallery, tab: str) -> str:
    """A tab of a job that has a conversation and a life."""
    talk = everyday(Talk(gallery.store)).lost().turn([])
    talk.tell(EventKind.CLAIMED, "A worker took the job.")
    talk.tell(EventKind.PHASE, "Claude is at work.")
    talk.tell(EventKind.RETRIED, "Asking again in 2 s.", EventLevel.WARNING, turn=1)
    return f"/job?id={talk.settle().id}&tab={tab}"


def saved_starter(gallery: Gallery) -> str:
    """The name of a prompt that a library holds."""
    library = Prompts(gallery.records, SystemClock())
    return library.save(starter_named("add-request-timeouts"), Person("dana")).name


def scheduled(gallery: Gallery, address: str) -> str:
    """The address, once there are schedules; with the id of one that ran at its braces."""
    refused = a_run(request=None, outcome=RunOutcome.REFUSED, reason="It has no price.")
    runs = (refused, a_run(request=gallery.published().request))
    put = gallery.records.put_schedule
    put(a_schedule(name="Off", paused=True, due_at=None))
    return address.format(put(a_schedule(runs=runs)).id)


def compared(gallery: Gallery, tab: str = "Result") -> str:
    """A tab of an experiment that ended, and was judged by two people."""
    return f"/experiment?id={an_ended_experiment(gallery, repositories=4).id}&tab={tab}"


def prompted(gallery: Gallery, address: str) -> str:
    """The address, once there is a prompt with a variable."""
    draft = PromptDraft(name="update", template="Update {{level}}.")
    gallery.records.save_prompt(draft, ALICE, NOON)
    return address


PAGES: dict[str, tuple[Address, str]] = {
    "the overview": (lambda _: "/", "acme/infrastructure"),
    "the requests": (lambda _: "/requests", "Replace utcnow"),
    "a request": (
        lambda gallery: f"/request?id={gallery.mixed_request()[0].request}",
        "have ended",
    ),
    "the preferences": (lambda _: "/settings", "How it looks"),
    "the reasons": (lambda _: "/settings?tab=Reasons", "Reasons of verdicts"),
    "the health": (lambda _: "/settings?tab=Health", "Not checked yet"),
    "the limits": (lambda _: "/settings?tab=Limits", "Caps and limits"),
    "judging": (lambda _: "/judge", "acme/"),
    "the jobs": (lambda _: "/jobs", "acme/api"),
    "no job": (lambda _: "/jobs?q=nothing-at-all", "No job matches"),
    "a job": (lambda gallery: f"/job?id={gallery.published().id}", "Replaced utcnow()"),
    "an audit": (lambda gallery: f"/job?id={gallery.audited().id}", "sql-injection"),
    "a hostile job": (lambda gallery: f"/job?id={gallery.hostile().id}", "window.hacked"),
    "a new request": (lambda _: "/compose", "No repository is allowed yet"),
    "a conversation": (lambda gallery: talked(gallery, "Conversation&turn=3"), "I look for"),
    "a search": (lambda gallery: talked(gallery, "Conversation&conversation-find=x"), "found in"),
    "an activity": (lambda gallery: talked(gallery, "Activity"), "Asking again"),
    "a cost": (lambda gallery: talked(gallery, "Cost"), "The usage of some replies"),
    "the prompts": (lambda _: "/prompts", "Starters"),
    "a prompt": (lambda gallery: f"/prompt?name={saved_starter(gallery)}", "Variables"),
    "a new prompt": (lambda _: "/prompt?edit=new", "Every save is a version"),
    "the schedules": (lambda gallery: scheduled(gallery, "/schedules"), "Nightly"),
    "a schedule": (lambda gallery: scheduled(gallery, "/schedule?id={}"), "What it submits"),
    "a new schedule": (lambda gallery: prompted(gallery, "/new_schedule"), "The next five runs"),
    "the experiments": (lambda gallery: compared(gallery) and "/experiments", "update v1"),
    "a result": (compared, "What came of it"),
    "a matrix": (lambda gallery: compared(gallery, "Matrix"), "Each mark is a repetition"),
    "a disagreement": (lambda gallery: compared(gallery, "Disagreements"), "Use aware datetimes"),
    "costs compared": (lambda gallery: compared(gallery, "Cost+and+time"), "What a job costs"),
    "raters": (lambda gallery: compared(gallery, "Verdicts"), "How far they agree"),
    "a set-up": (lambda gallery: compared(gallery, "Set-up"), "How the prompts differ"),
    "a report": (lambda gallery: compared(gallery, "Report"), "Publish the report"),
    "a new experiment": (lambda gallery: prompted(gallery, "/new_experiment"), "What is compared"),
    "a job that is not there": (lambda _: "/job?id=x", "could not be shown"),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gallery, str]]:
    gallery = Gallery(tmp_path_factory.mktemp("gallery") / "home")
    gallery.everything()
    with workbench(gallery.home) as address:
        yield gallery, address
    gallery.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_use_it(
    system_browser: Browser,
    served: tuple[Gallery, str],
    name: str,
    scheme: Literal["light", "dark"],
) -> None:
    gallery, address = served
    where, text = PAGES[name]
    with visit(system_browser, scheme=scheme) as (context, _):
        shown = opened(context.new_page(), address + where(gallery), text)
        accessible(shown)

        shown.set_viewport_size({"width": 390, "height": 844})
        settled(shown)
        assert fits(shown)


def opened(page: Page, address: str, text: str) -> Page:
    page.goto(address)
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(text).first).to_be_visible(timeout=30_000)
    settled(page)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_sign_in(
    system_browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    scheme: Literal["light", "dark"],
) -> None:
    token = "a-token-of-24-characters"
    gallery = Gallery(tmp_path_factory.mktemp("gallery") / "home")
    job = gallery.published()
    with (
        workbench(gallery.home, CODYBATCH_ACCESS_TOKEN=token) as address,
        visit(system_browser, scheme=scheme) as (context, _),
    ):
        page = context.new_page()
        page.goto(f"{address}/job?id={job.id}")
        accessible(page)

        page.get_by_label("Access token").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("That is not the access token.")
        accessible(page)
        page.get_by_label("Access token").fill(token)
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="acme/api")).to_be_visible(timeout=30_000)
        assert page.url == f"{address}/job?id={job.id}"

        page.get_by_role("link", name="Sign out").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Access token")).to_be_visible()
        assert not any("codybatch" in cookie["name"] for cookie in context.cookies())
    gallery.close()
