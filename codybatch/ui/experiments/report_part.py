"""The tab Report: the report as files to take away, and on the site."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from codybatch.analysis.report.contents import Report
from codybatch.analysis.report_files.making import (
    NAMES,
    Format,
    Writing,
    make_files,
    report_of,
)
from codybatch.backing import site_of
from codybatch.composition import Application
from codybatch.domain.identifiers import ExperimentId
from codybatch.services.report_site import publish
from codybatch.ui.components import notice
from codybatch.ui.errands import Told, the_errands
from codybatch.ui.live import forget

FILES: dict[Format, tuple[str, str, str]] = {
    Format.HTML: ("One page (HTML)", "text/html", ":material/article:"),
    Format.MARKDOWN: ("Markdown", "text/markdown", ":material/description:"),
    Format.JSON: ("JSON", "application/json", ":material/data_object:"),
    Format.CSV: ("Cells (CSV)", "text/csv", ":material/table:"),
    Format.PARQUET: ("Cells (Parquet)", "application/vnd.apache.parquet", ":material/table:"),
}
"""What each file is called on its button, what it is, and its icon."""


def show_report(app: Application, report: Report) -> None:
    """The whole tab."""
    if report.experiment is None:
        return
    experiment = report.experiment
    st.text(
        "One page that needs nothing else and prints well, and the same as Markdown and as data. "
        "Made again, it has the same bytes as long as jobs and verdicts are the same."
    )
    if report.unfinished:
        told = f"{report.unfinished} jobs are not finished or not judged, and it says so."
        notice("experiments-unfinished", "blue", "This is not the last word", told)
    with st.container(horizontal=True, key="experiments-files"):
        for form, (label, kind, icon) in FILES.items():
            st.download_button(
                label,
                partial(_made, app, experiment, form),
                f"{experiment}-{NAMES[form]}",
                kind,
                key=f"experiments-file-{form}",
                icon=icon,
                on_click="ignore",
                type="primary" if form is Format.HTML else "secondary",
            )
    st.subheader("For others", anchor=False)
    st.text("Publishing puts these files where whoever may open the workbench's site finds them.")
    st.button(
        "Publish the report",
        key="experiments-publish",
        icon=":material/publish:",
        on_click=begin_publishing,
        args=(app, experiment),
    )


def _made(app: Application, experiment: ExperimentId, form: Format) -> bytes:
    """A file, made when it is asked for."""
    report = report_of(app, app.store.records.experiment(experiment))
    made = make_files(report, app.net.clean, app.store.blobs.get, Writing((form,)))
    return made[NAMES[form]]


def begin_publishing(app: Application, experiment: ExperimentId) -> None:
    """Publish the report, in a thread."""
    the_errands(app).begin(experiment, "Publishing the report", partial(_publish, app, experiment))
    forget(app)


def _publish(app: Application, experiment: ExperimentId, tell: Callable[[str], None]) -> Told:
    tell("Reads jobs, verdicts and patches.")
    report = report_of(app, app.store.records.experiment(experiment))
    tell("Writes the files.")
    files = make_files(report, app.net.clean, app.store.blobs.get, Writing())
    published = publish(experiment, files, app.store.blobs, site_of(app.settings))
    return Told(f"The report is at {published.address}")
