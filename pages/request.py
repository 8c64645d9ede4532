"""One request: how far it came, its jobs side by side, and what a person can do with all of it."""

import streamlit as st

from codybatch.ui.components import empty_state
from codybatch.ui.errands import the_errands
from codybatch.ui.live import live
from codybatch.ui.navigation import REQUESTS, seen
from codybatch.ui.requests.sections import show_request
from codybatch.ui.requests.view import RequestView, request_view
from codybatch.ui.workbench import page, time_zone

TITLE = "This request"

with page(TITLE, area="requests") as app:
    written_id = st.query_params.get("id", "")
    zone = time_zone()

    def read() -> RequestView:
        """The request as it stands at this moment."""
        return request_view(app, the_errands(app), written_id, zone)

    def show(view: RequestView) -> None:
        """The whole request."""
        show_request(app, view)

    if written_id:
        live(app, TITLE, ("request", written_id, zone), read, show)
    else:
        with empty_state("no-request", "No request was named", "Choose one from the list."):
            st.page_link(
                REQUESTS,
                label="Requests",
                icon=":material/list_alt:",
                query_params=seen(REQUESTS),
            )
