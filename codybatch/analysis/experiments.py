"""One experiment in a notebook: its answer, its arms, its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from codybatch.analysis.comparison import ComparisonResult
from codybatch.analysis.display.comparison import comparison_html, comparison_text
from codybatch.analysis.frames.experiments import ARMS, ArmRow
from codybatch.analysis.gathering.from_experiment import material_of, of_two, on_metric
from codybatch.analysis.gathering.gather import gather
from codybatch.analysis.gathering.material import Material
from codybatch.analysis.plots.of_comparisons import by_arm
from codybatch.analysis.plots.picture import Picture
from codybatch.analysis.report.contents import Report
from codybatch.analysis.report_files.saving import save_report
from codybatch.analysis.sides import Contestant, is_by_owner, metric_of
from codybatch.analysis.watching import watch_experiment
from codybatch.domain.errors import UsageError
from codybatch.domain.experiments import Experiment
from codybatch.domain.jobs import Job

if TYPE_CHECKING:
    from codybatch.analysis.workspace import Workspace


@dataclass(frozen=True)
class ArmResult(Contestant):
    """One arm of an experiment, to be compared."""

    experiment: ExperimentResult
    name: str

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Its jobs that count: one for each of its repetitions."""
        contender = self.experiment.material.contender(self.name)
        return tuple(tried.job for _, tried in contender.every() if tried.job is not None)

    def is_beside(self, other: ArmResult) -> bool:
        """Whether both are of one experiment."""
        return self.experiment.id == other.experiment.id

    def __repr__(self) -> str:
        """Its name and its experiment's."""
        return f"{self.name} of {self.experiment.record.name}"


class ExperimentResult:
    """One experiment as it was when it was read; ``refresh`` reads it again."""

    def __init__(self, workspace: Workspace, record: Experiment) -> None:
        """See ``Workspace.experiment``."""
        self._workspace = workspace
        self.record = record
        """Everything that is recorded of it."""

    @property
    def id(self) -> str:
        """Its id: joins with ``experiments()`` and ``jobs()``."""
        return self.record.id

    @cached_property
    def material(self) -> Material:
        """Every cell with its job and verdicts."""
        app = self._workspace.application
        cells = app.experiments.cells.of(self.record)
        return material_of(self.record, cells, app.store.records)

    @cached_property
    def contents(self) -> Report:
        """Everything that is known of it, as a report holds it (patches are not looked at)."""
        return gather(self.material, self._workspace.application.net.clean)

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        return self.contents.upshot.sentence

    @property
    def cautions(self) -> tuple[str, ...]:
        """Where the data says little or may mislead, a sentence each."""
        return self.contents.cautions

    @cached_property
    def arms(self) -> pd.DataFrame:
        """A row an arm, the baseline first."""
        return ARMS.filled([list(self._rows())], self._workspace.application.net.clean)

    @property
    def jobs(self) -> pd.DataFrame:
        """The jobs that were made for it, every attempt; see ``Workspace.jobs``."""
        return self._workspace.jobs(experiment=self.id)

    def arm(self, name: str) -> ArmResult:
        """One of its arms, for ``Workspace.compare``.

        Raises:
            InvalidExperiment: there is none of this name.
        """
        return ArmResult(self, self.record.arm(name).name)

    def compare(
        self,
        b: str | None = None,
        a: str | None = None,
        *,
        metric: str | None = None,
        by: str = "repository",
    ) -> ComparisonResult:
        """Two of its arms compared, as ``Workspace.compare`` does; p-values are corrected only
        where all arms are compared (``contents``).

        Args:
            b: an arm's name; may be left out where there is one besides the baseline.
            a: the arm that it is compared with; the baseline by default.
            metric: the one that decides by default; by another nothing is decided.
            by: ``repository`` or ``owner``.

        Raises:
            InvalidExperiment: there is no such arm.
            UsageError: no arm is named where there are several, or both are the same.
        """
        first = self.record.arm(a or self.record.baseline).name
        others = [one.name for one in self.record.arms if one.name != first]
        if b is None and len(others) != 1:
            raise UsageError(f"Name the arm that is compared with {first}: {', '.join(others)}.")
        second = self.record.arm(b or others[0]).name
        if first == second:
            raise UsageError(f"{first} cannot be compared with itself.")
        chosen = metric_of(metric) if metric else self.record.metric
        material = on_metric(of_two(self.material, first, second), chosen)
        if is_by_owner(by):
            material = material.by_owner()
        return ComparisonResult(self._workspace, material)

    def plot(self) -> Picture:
        """Every arm's difference to the baseline with its interval, by the metric that decides."""
        comparisons = [one.comparisons[0] for one in self.contents.against_baseline]
        return by_arm(comparisons, self.record.baseline)

    def report(self, path: str | Path) -> Path:
        """Write the whole report, patches looked at, and give its path.

        Args:
            path: a file ending in ``.html``, ``.md``, ``.json``, ``.csv`` or ``.parquet``; without
                an ending a folder, for all of them.

        Raises:
            UsageError: it ends otherwise.
        """
        return save_report(self._workspace.application, self.material, Path(path))

    def wait(self, *, progress: bool = True) -> ExperimentResult:
        """Wait until it has ended, is paused or waits for a person, then read it again; gives
        itself. Whoever may change things also lets it go on meanwhile.

        Args:
            progress: whether a bar shows how far it is.

        Raises:
            UnknownExperiment: it is not there any more.
            KeyboardInterrupt: somebody stopped it; what was submitted goes on, which is said.
        """
        app = self._workspace.to_change("let an experiment go on")
        watch_experiment(app, self.record.id, progress=progress)
        return self.refresh()

    def refresh(self) -> ExperimentResult:
        """Read it again; gives itself.

        Raises:
            UnknownExperiment: it is not there any more.
        """
        self.record = self._workspace.application.experiments.find(self.record.id)
        for name in ("material", "contents", "arms"):
            self.__dict__.pop(name, None)
        return self

    def __repr__(self) -> str:
        """The answer as plain text."""
        return comparison_text(self.contents)

    def _repr_html_(self) -> str:
        return comparison_html(self.contents, self.plot())

    def _rows(self) -> Iterator[ArmRow]:
        contents = self.contents
        against = {one.arm: one for one in contents.against_baseline}
        # by place: a report's names are without the secrets that may stand in them
        arms = sorted(self.record.arms, key=lambda one: one.name != self.record.baseline)
        for arm, setup, summary in zip(arms, contents.setup.arms, contents.arms, strict=True):
            yield ArmRow(arm.key, setup, summary, against.get(setup.name))
