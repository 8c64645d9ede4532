"""The list of jobs: what runs, what ended, and how."""

from codybatch.ui.components import page_header
from codybatch.ui.errand_card import show_errand
from codybatch.ui.errands import the_errands
from codybatch.ui.jobs.listing import JobList, job_list, job_list_file
from codybatch.ui.jobs.rows import (
    VIEWS,
    ask,
    ask_view,
    show_empty,
    show_rows,
)
from codybatch.ui.jobs.table import SUBJECT, show_table
from codybatch.ui.live import live
from codybatch.ui.navigation import JOBS, remember, restore
from codybatch.ui.paging import show_begins_again, show_paging
from codybatch.ui.workbench import page, time_zone

TITLE = "The list of jobs"

with page(TITLE, area="jobs") as app:
    page_header("Jobs")
    restore(JOBS)
    asked, zone, host = ask(), time_zone(), app.settings.code_host_name
    remember(JOBS, asked.address(asked.cursor))
    now = app.clock.now()
    view = ask_view(lambda: job_list_file(app.jobs, app.net.clean, asked.wanted(now, zone, host)))

    def read() -> JobList:
        """What the list holds at this moment."""
        found = job_list(app.jobs, app.net.clean, app.clock.now(), asked, zone, host)
        return found.with_errand(the_errands(app).of(SUBJECT))

    def show(found: JobList) -> None:
        """The rows and the way to older ones."""
        if found.begins_again:
            show_begins_again("jobs")
        if found.errand:
            show_errand(app, SUBJECT, found.errand)
        if not found.rows:
            show_empty(asked, found)
        elif view == VIEWS[0]:
            show_rows(found)
        else:
            show_table(app, found)
        show_paging(asked.cursor, found.cursor)

    live(app, TITLE, ("jobs", asked, zone), read, show)
