"""Two prompts compared, as a notebook shows it and goes on with it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from codybatch.analysis.display.comparison import comparison_html, comparison_text
from codybatch.analysis.frames.comparisons import COMPARED, DISAGREEMENTS, rows_of
from codybatch.analysis.gathering.comparing import trials_of
from codybatch.analysis.gathering.gather import gather
from codybatch.analysis.gathering.material import Material
from codybatch.analysis.plots.of_comparisons import by_repository
from codybatch.analysis.plots.picture import Picture
from codybatch.analysis.power import PowerResult, power_of
from codybatch.analysis.report.cells import Standing
from codybatch.analysis.report.contents import AgainstBaseline, Report
from codybatch.analysis.report_files.saving import save_report
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.power import POWER

if TYPE_CHECKING:
    from codybatch.analysis.recorded import Recorded


class ComparisonResult:
    """B against A, as it was when it was read. Shows its sentence, its table and its cautions.

    Looking at many comparisons and quoting the one that differs is how chance is taken for a
    finding: decide before what decides.
    """

    def __init__(self, workspace: Recorded, material: Material) -> None:
        """See ``Workspace.compare``."""
        self._workspace = workspace
        self._material = material

    @cached_property
    def contents(self) -> Report:
        """Everything that is known of it, as a report holds it (patches are not looked at)."""
        return gather(self._material, self._workspace.application.net.clean)

    @property
    def comparison(self) -> Comparison:
        """Effect, interval, p-values and what may be concluded, as numbers."""
        return self._against.comparisons[0]

    @property
    def sentence(self) -> str:
        """The answer in plain words, with its interval."""
        return self.comparison.sentence

    @property
    def cautions(self) -> tuple[str, ...]:
        """Where the data says little or may mislead, a sentence each."""
        return self.contents.cautions

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row a repository, the one where B did worst against A first."""
        rows = list(rows_of(self.contents, self._against.arm))
        return COMPARED.filled([rows], self._workspace.application.net.clean)

    def regressions(self) -> pd.DataFrame:
        """Where B did worse than A, the worst first, with a job of each that shows it."""
        return self._disagreements(Standing.REGRESSED)

    def improvements(self) -> pd.DataFrame:
        """Where B did better than A, the best first, with a job of each that shows it."""
        return self._disagreements(Standing.IMPROVED)

    def power(self, delta: float = 0.10, power: float = POWER) -> PowerResult:
        """How many repositories or repetitions a difference takes, by how much both vary here.

        Args:
            delta: the smallest difference that matters, of shares (0.10 is 10 points).
            power: how likely it is to be shown, if it is there.

        Raises:
            UsageError: either is no share between 0 and 1.
        """
        material, (a, b) = self._material, self._material.contenders
        pairs = trials_of(material.metric, material, a, b)
        return power_of(pairs, material.repetitions, delta, power)

    def plot(self) -> Picture:
        """The difference over all repositories with its interval, and of each repository."""
        return by_repository(self.comparison)

    def report(self, path: str | Path) -> Path:
        """Write the whole report, patches looked at, and give its path.

        Args:
            path: a file ending in ``.html``, ``.md``, ``.json``, ``.csv`` or ``.parquet``; without
                an ending a folder, for all of them.

        Raises:
            UsageError: it ends otherwise.
        """
        return save_report(self._workspace.application, self._material, Path(path))

    def __repr__(self) -> str:
        """The answer as plain text."""
        return comparison_text(self.contents)

    def _repr_html_(self) -> str:
        return comparison_html(self.contents, self.plot())

    @property
    def _against(self) -> AgainstBaseline:
        return self.contents.against_baseline[0]

    def _disagreements(self, standing: Standing) -> pd.DataFrame:
        rows = [one for one in self._against.disagreements if one.standing is standing]
        return DISAGREEMENTS.filled([rows], self._workspace.application.net.clean)
