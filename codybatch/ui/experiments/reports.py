"""What experiments came to, worked out in a thread, and kept while nothing that it is made of
changes: whoever opens a page sees what is known at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import streamlit as st

from codybatch.analysis.gathering.from_experiment import material_of
from codybatch.analysis.gathering.gather import gather
from codybatch.analysis.report.contents import Report
from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.experiments import Experiment
from codybatch.domain.identifiers import ExperimentId
from codybatch.ui.inquiries import Inquiry, Tell, pool

MOST_KEPT = 16
"""Reports that are kept; those that were asked for first go first."""
REST = 4
"""While an experiment runs it is worked out anew after so many times as long as it took."""
FRESH_SECONDS = 60
"""After which it is worked out anew for whoever looks: a rating, a reason or a comment that was
changed moves none of the counters of ``stamp_of``."""
WITH_PATCHES = 1_000
"""Cells up to which patches are read, to see how alike repetitions are."""


@dataclass
class Known:
    """What is known of one experiment's result."""

    report: Report | None = None
    number: int = 0
    """Of this report: another one has another."""
    failed: str = ""
    stamp: Hashable = None
    """What ``report`` was made of."""
    inquiry: Inquiry[Report] | None = None
    asked: Hashable = None
    """What the one under way is made of."""
    wanted: Hashable = None
    """What one that is made now would be made of."""
    began: float = 0.0
    took: float = 0.0
    """Seconds, the last time."""

    @property
    def is_old(self) -> bool:
        """Whether a newer one is worked out right now, or soon."""
        return self.inquiry is not None or self.stamp != self.wanted


class Reports:
    """The reports of one server, by experiment; many sessions ask for them."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Knows none; ``now`` tells seconds that only go up."""
        self._now = now
        self._lock = threading.Lock()
        self._by_experiment: dict[ExperimentId, Known] = {}

    def of(
        self,
        experiment: ExperimentId,
        stamp: Hashable,
        make: Callable[[Tell], Report],
        *,
        is_active: bool = False,
    ) -> Known:
        """What is known by now; where it is of something older, it is worked out anew.

        Args:
            experiment: which.
            stamp: what a report that is made now would be made of.
            make: makes it, and tells how far it is.
            is_active: whether it changes all the time: then it rests between two reports.
        """
        with self._lock:
            known = self._by_experiment.pop(experiment, Known())
            self._by_experiment[experiment] = known
            while len(self._by_experiment) > MOST_KEPT:
                del self._by_experiment[next(iter(self._by_experiment))]
            self._fetch(known)
            known.wanted = stamp
            is_other = known.stamp != stamp
            is_old = is_other or self._now() - known.began > FRESH_SECONDS
            has_rested = self._has_rested(known) or (is_other and not is_active)
            if known.inquiry is None and is_old and has_rested:
                known.asked, known.began = stamp, self._now()
                known.inquiry = Inquiry(pool(), make, "Reading the jobs …")
            return known

    def brief(self, experiment: ExperimentId) -> str:
        """What stands, in short, where that was worked out already."""
        with self._lock:
            found = self._by_experiment.get(experiment)
        report = found.report if found else None
        return report.upshot.brief if report and not report.unfinished else ""

    def forget(self, experiment: ExperimentId) -> None:
        """Work it out anew when it is asked for next."""
        with self._lock:
            if experiment in self._by_experiment:
                self._by_experiment[experiment].stamp = None
                self._by_experiment[experiment].took = 0

    def _has_rested(self, known: Known) -> bool:
        return self._now() - known.began >= REST * known.took

    def _fetch(self, known: Known) -> None:
        if known.inquiry is None or not known.inquiry.has_ended:
            return
        inquiry, known.inquiry = known.inquiry, None
        known.took, known.stamp = self._now() - known.began, known.asked
        known.number += 1
        try:
            known.report, known.failed = inquiry.result(), ""
        except CodyBatchError as error:
            known.failed = error.message


def stamp_of(app: Application, experiment: Experiment) -> Hashable:
    """What a report of an experiment is made of, as far as a few counters tell: jobs that ended and
    verdicts, of each of its prompts.
    """
    names = {arm.prompt.name for arm in experiment.arms}
    tallies = tuple(one.to_json() for name in sorted(names) for one in app.prompts.tallies(name))
    return experiment.version, tallies


def make(app: Application, experiment: Experiment) -> Callable[[Tell], Report]:
    """What makes the report of an experiment.

    Args:
        app: where its jobs and verdicts are.
        experiment: which.
    """

    def made(tell: Tell) -> Report:
        cells = app.experiments.cells.of(experiment)
        tell("Reading the verdicts …")
        material = material_of(experiment, cells, app.store.records)
        tell("Comparing the arms …")
        read = app.store.blobs.get if len(cells) <= WITH_PATCHES else None
        return gather(material, app.net.clean, read)

    return made


@st.cache_resource(show_spinner=False, max_entries=1, hash_funcs={Application: id})
def the_reports(app: Application) -> Reports:
    """The reports of this server process."""
    del app  # one for each application of this process
    return Reports()
