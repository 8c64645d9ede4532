"""The list of requests: what was asked for, how far it came, what it cost."""

from codybatch.ui.components import page_header
from codybatch.ui.live import live
from codybatch.ui.navigation import REQUESTS, remember, restore
from codybatch.ui.paging import show_begins_again, show_paging
from codybatch.ui.requests.listing import RequestList, request_list
from codybatch.ui.requests.rows import ask, show_empty, show_rows
from codybatch.ui.workbench import page, time_zone

TITLE = "The list of requests"

with page(TITLE, area="requests") as app:
    page_header("Requests")
    restore(REQUESTS)
    asked = ask(app.person)
    remember(REQUESTS, asked.address(asked.cursor))
    zone = time_zone()

    def read() -> RequestList:
        """What the list holds at this moment."""
        return request_list(app.requests, app.net.clean, app.clock.now(), asked, zone)

    def show(found: RequestList) -> None:
        """The rows and the way to older ones."""
        if found.begins_again:
            show_begins_again("requests")
        if found.rows:
            show_rows(found)
        else:
            show_empty(asked)
        show_paging(asked.cursor, found.cursor)

    live(app, TITLE, ("requests", asked, zone), read, show)
