"""The pages of requests, in each of their states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.domain.identifiers import RequestId
from codybatch.domain.jobs import Waiting
from codybatch.domain.requests import Origin, OriginKind
from codybatch.domain.states import JobState, WaitingReason
from codybatch.ui.errands import ErrandState, the_errands
from codybatch.ui.requests.acts import RequestAct
from codybatch.ui.workbench import the_application
from tests.contracts.examples import lease_of
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import links, parameters, rows, said, texts
from tests.ui_kit import AWKWARD, DIFF, SECRET, Gallery


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> Iterator[None]:
    """The jobs of a gallery are not there to be worked on."""
    yield
    the_application().local_engine.stop()


def test_an_empty_list_says_what_a_request_is(open_page: OpenPage) -> None:
    page = open_page("requests")

    assert not page.exception
    assert "**No requests yet**" in [one.value for one in page.markdown]
    assert parameters(page, "New request") == {}


def test_every_request_is_a_row_that_leads_to_it(gallery: Gallery, open_page: OpenPage) -> None:
    jobs = gallery.mixed_request()

    page = open_page("requests")

    assert rows(page) == ["Replace utcnow everywhere"]
    assert links(page)[0].proto.query_string == f"id={jobs[0].request}"
    assert "3 of 5 jobs have ended" in " ".join(texts(page))
    assert "$2.52" in texts(page)


def test_a_link_narrows_the_list_and_says_so(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.request("acme/api", title="One")
    gallery.request("acme/web", title="Two")

    page = open_page("requests", repository="acme/web")

    assert rows(page) == ["Two"]
    assert "Only requests with a job in acme/web." in texts(page)
    page.button(key="requests-all").click().run()
    assert rows(page) == ["One", "Two"]


def test_a_search_that_finds_nothing_says_what_to_do(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.request("acme/api")

    page = open_page("requests", q="nowhere")

    assert "**No request matches**" in [one.value for one in page.markdown]


def test_a_request_shows_its_jobs_side_by_side(gallery: Gallery, open_page: OpenPage) -> None:
    jobs = gallery.mixed_request()

    page = open_page("request", id=jobs[0].request)

    assert not page.exception
    assert [row.rpartition("/")[2] for row in rows(page)] == [
        *("api", "billing", "vanished", "ingest", "payments")
    ]
    assert {"to judge", "+1 \N{MINUS SIGN}1", "$0.84"} <= set(texts(page))
    assert "$2.52 of $3.00" in texts(page)
    assert parameters(page, "Judge one by one") == {"request": jobs[0].request}
    assert [button.label for button in page.button] == ["Raise budget", "Cancel", "Use again"]


def test_the_address_chooses_which_jobs_are_shown(gallery: Gallery, open_page: OpenPage) -> None:
    jobs = gallery.mixed_request()

    page = open_page("request", id=jobs[0].request, show="Active")

    assert "5 jobs · 2 active · 4 need you" in texts(page)
    assert [row.rpartition("/")[2] for row in rows(page)] == ["ingest", "payments"]


def test_partial_success_is_explained(gallery: Gallery, open_page: OpenPage) -> None:
    jobs = gallery.request("acme/api", "acme/gone")
    gallery.settle(gallery.begun(jobs[0]), patch=DIFF)
    gallery.records.request_cancel(jobs[1].id, jobs[1].created_at, jobs[1].requester)

    page = open_page("request", id=jobs[0].request)

    assert "1 result is complete" in " ".join(texts(page))
    assert [button.label for button in page.button] == ["Review", "Retry", "Follow up", "Use again"]


def dialog(request: RequestId, act: RequestAct) -> AppTest:
    """The dialog of an act, open again after each press: Streamlit's test runner cannot run a
    dialog without the page that opened it.
    """

    def script(request: str, act: str) -> None:
        from codybatch.ui.errands import the_errands  # noqa: PLC0415 - a script of its own
        from codybatch.ui.requests.acts import RequestAct  # noqa: PLC0415
        from codybatch.ui.requests.dialogs import ask  # noqa: PLC0415
        from codybatch.ui.requests.view import request_view  # noqa: PLC0415
        from codybatch.ui.workbench import the_application  # noqa: PLC0415

        app = the_application()
        ask(app, request_view(app, the_errands(app), request), RequestAct(act))

    return AppTest.from_function(script, default_timeout=20, args=(request, act.value)).run()


def test_cancelling_asks_by_name_and_then_cancels(gallery: Gallery) -> None:
    jobs = gallery.request("acme/api", "acme/web")

    asked = dialog(jobs[0].request, RequestAct.CANCEL)
    assert "None of them has begun." in texts(asked)
    asked.button(key="ask-act").click().run()

    assert {gallery.records.job(job.id).state for job in jobs} == {JobState.CANCELLED}


def test_raising_the_budget_lets_waiting_jobs_go_on(gallery: Gallery) -> None:
    jobs = gallery.mixed_request()

    asked = dialog(jobs[0].request, RequestAct.RAISE_BUDGET)
    asked.number_input(key="raise-cap").set_value(20.0).run()
    asked.button(key="raise-act").click().run()

    assert gallery.records.request(jobs[0].request).budget.cap_usd == 20
    assert gallery.records.job(jobs[4].id).state is not JobState.WAITING


def test_releasing_says_what_the_first_job_cost_and_runs_the_others(gallery: Gallery) -> None:
    jobs = gallery.request("acme/api", "acme/web")
    gallery.settle(gallery.begun(jobs[0]))
    held = gallery.begun(jobs[1])
    waiting = Waiting(reason=WaitingReason.HELD, since=datetime.now(UTC))
    gallery.records.release(lease_of(held), held.with_(state=JobState.WAITING, waiting=waiting))

    asked = dialog(jobs[0].request, RequestAct.RELEASE)
    assert "on acme/api, cost $0.84" in texts(asked)[0]
    asked.button(key="ask-act").click().run()

    assert gallery.records.job(jobs[1].id).state is not JobState.WAITING


def test_what_cannot_be_followed_up_is_told_in_words(gallery: Gallery) -> None:
    (job,) = gallery.request("acme/api")

    asked = dialog(job.request, RequestAct.FOLLOW_UP)
    asked.text_area[0].set_value("Also the tests.").run()
    asked.button(key="request-follow-act").click().run()
    ended = the_errands(the_application()).wait(job.request, seconds=30)

    assert ended is not None
    assert (ended.state, "has not ended" in ended.text) == (ErrandState.FAILED, True)


@pytest.mark.parametrize(
    ("written", "said_of_it"), [("nonsense", "nonsense"), ("01h00000000000000000000000", "01h0")]
)
def test_a_request_that_does_not_exist_is_named(
    gallery: Gallery, open_page: OpenPage, written: str, said_of_it: str
) -> None:
    gallery.request("acme/api")

    page = open_page("request", id=written)

    assert said_of_it in said(page)
    assert "Traceback" not in said(page)


def test_a_request_that_is_not_named_leads_to_the_list(open_page: OpenPage) -> None:
    page = open_page("request")

    assert parameters(page, "Requests") == {}


def test_hostile_text_is_plain_text_without_secrets(gallery: Gallery, open_page: OpenPage) -> None:
    nasty = f"{AWKWARD} {SECRET} <script>window.hacked=1</script>"
    (job,) = gallery.request("acme/api", title=nasty, prompt_text=nasty, variables={"a": nasty})
    gallery.settle(gallery.begun(job), title=nasty, summary=nasty)

    for page in (open_page("requests"), open_page("request", id=job.request)):
        assert SECRET not in said(page)
        assert not [one for one in page.markdown if "](http" in one.value]


def test_the_way_to_older_requests_stands_in_the_address(
    gallery: Gallery, open_page: OpenPage
) -> None:
    for number in range(27):
        gallery.request("acme/api", title=f"Request {number}")
    page = open_page("requests")
    assert len(rows(page)) == 25

    page.button(key="paging-older").click().run()
    assert rows(page) == ["Request 25", "Request 26"]
    page.button(key="paging-newest").click().run()

    assert rows(page)[0] == "Request 0"
    assert "cursor" not in page.query_params


def test_a_retry_leads_to_the_request_it_goes_on_from(
    gallery: Gallery, open_page: OpenPage
) -> None:
    (first,) = gallery.request("acme/api", title="The first one")
    origin = Origin(kind=OriginKind.RETRY, request=first.request)
    (again,) = gallery.request("acme/api", title="The second one", origin=origin)
    page = open_page("request", id=again.request)

    page.button(key="request-origin").click().run()

    assert "The first one" in [title.value for title in page.title]
