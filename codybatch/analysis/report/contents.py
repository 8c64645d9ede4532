"""All that a report holds."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.analysis.agreement import Measure
from codybatch.analysis.report.arms import ArmSummary
from codybatch.analysis.report.cells import Cell, Disagreement, MatrixRow, Standing
from codybatch.analysis.report.setup import Setup
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.cost_per_accepted import CostRatio
from codybatch.analysis.statistics.kappa import Kappa
from codybatch.analysis.statistics.power import Spread
from codybatch.analysis.statistics.wilson import Share
from codybatch.domain.experiments import Metric
from codybatch.domain.identifiers import ExperimentId
from codybatch.domain.unsaid import CannotBeSaid


@dataclass(frozen=True, slots=True)
class Upshot:
    """The answer in a sentence, and how sure it is."""

    winner: str | None
    """The arm that is shown to be better, of several the one that differs most; the baseline where
    all others are worse; None where no arm is that."""
    better: tuple[str, ...]
    """Arms that are shown to be better than the baseline; among each other they are not tested."""
    worse: tuple[str, ...]
    """Arms that the baseline is shown to be better than."""
    badge: str
    """What stands, in a word or two."""
    brief: str
    """What stands, without a full stop, for a list; empty where nothing can be said."""
    sentence: str
    """What stands, and of whom no difference is shown, or why nothing is concluded."""
    reasons: tuple[str, ...]
    """The comparisons by the metric that decides, a sentence for each arm but the baseline."""
    would_settle: tuple[str, ...]
    """Where nothing was shown: what difference could have been, and how much more it would take."""

    @property
    def is_decided(self) -> bool:
        """Whether any arm is shown to differ from the baseline."""
        return bool(self.better or self.worse)


@dataclass(frozen=True, slots=True)
class AgainstBaseline:
    """One arm against the baseline."""

    arm: str
    comparisons: tuple[Comparison, ...]
    """The metric that decides first, corrected for the number of arms; then those that describe."""
    regressed: tuple[str, ...]
    """Repositories, the worst first, by the metric that decides."""
    improved: tuple[str, ...]
    """The best first."""
    equal: tuple[str, ...]
    not_compared: tuple[str, ...]
    disagreements: tuple[Disagreement, ...]
    """Regressions first, the worst of them first; then improvements, the best of them first."""
    says_the_same: Share | CannotBeSaid
    """The chance that a job of each says the same of whether changes are necessary."""
    cost_ratio: CostRatio | CannotBeSaid
    """What an accepted result costs, as a multiple of one of the baseline's."""
    spread: Spread | CannotBeSaid
    """How much both vary: what more repositories or repetitions would show is worked out of it."""
    is_equal_arm: bool
    """Whether it repeats the baseline (an A/A run), so that any difference is chance."""

    def comparison(self, metric: Metric) -> Comparison | None:
        """By this metric; None where it was not compared."""
        return next((one for one in self.comparisons if one.metric is metric), None)

    def repositories(self, standing: Standing) -> tuple[str, ...]:
        """Those on which it stands so."""
        return {
            Standing.REGRESSED: self.regressed,
            Standing.IMPROVED: self.improved,
            Standing.EQUAL: self.equal,
            Standing.NOT_COMPARED: self.not_compared,
        }[standing]


@dataclass(frozen=True, slots=True)
class RaterPair:
    """How far two raters agree on the jobs that both judged."""

    one: str
    other: str
    both: int
    """Jobs that both judged."""
    decisions: Kappa | CannotBeSaid
    ratings: Kappa | CannotBeSaid
    """With quadratic weights."""


@dataclass(frozen=True, slots=True)
class RaterAgreement:
    """How far raters agree."""

    raters: tuple[str, ...]
    judged: int
    """Jobs with a verdict."""
    by_several: int
    """Of these, jobs that two or more judged."""
    differ: int
    """Of these, jobs that some accept and others reject, be it one or half of them."""
    disputed: int
    """Of these, jobs that as many accept as reject."""
    blind: int
    """Verdicts that were given with prompt and model hidden."""
    verdicts: int
    decisions: Measure
    """Of two raters Cohen's kappa, of more Krippendorff's alpha (nominal)."""
    ratings: Measure
    """The same, where near ratings disagree less than far ones."""
    repeats: bool
    """Whether several judged a repository in more than one job: these are not independent."""
    pairs: tuple[RaterPair, ...]


@dataclass(frozen=True, slots=True)
class EqualArms:
    """An A/A run: an arm and its repetition, which differ by chance alone."""

    arm: str
    repeated: str
    comparison: Comparison
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """What arms compared on repositories came to; the same records give the same report."""

    title: str
    question: str
    experiment: ExperimentId | None
    """None where no experiment was made: requests or prompts were compared."""
    unfinished: int
    """Jobs whose result or verdict is still to come: while there are any, nothing is concluded."""
    upshot: Upshot
    setup: Setup
    arms: tuple[ArmSummary, ...]
    """In the set-up's order: the baseline first."""
    against_baseline: tuple[AgainstBaseline, ...]
    """The other arms, in the set-up's order."""
    matrix: tuple[MatrixRow, ...]
    """Repositories on which the first arm did worst beside the baseline first."""
    raters: RaterAgreement
    equal_arms: tuple[EqualArms, ...]
    cautions: tuple[str, ...]
    """Sentences: where the data says little or may mislead."""
    methods: tuple[str, ...]
    """Sentences: how each number was worked out."""
    limits: tuple[str, ...]
    """Sentences: what this does not show."""

    def cells(self) -> tuple[Cell, ...]:
        """Every repetition of every arm, in the order of the matrix."""
        return tuple(cell for row in self.matrix for one in row.arms for cell in one.cells)
