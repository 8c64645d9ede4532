"""Jobs, verdicts and patches become a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from codybatch.analysis.gathering.arms import spent_by, summary_of
from codybatch.analysis.gathering.cleaning import cleaned
from codybatch.analysis.gathering.comparing import Compared, compared, spread_of
from codybatch.analysis.gathering.judging import said_by, unfinished_of
from codybatch.analysis.gathering.material import Contender, Material
from codybatch.analysis.gathering.matrix import disagreements, matrix_of, standings
from codybatch.analysis.gathering.methods import limits_of, methods_of
from codybatch.analysis.gathering.patches import Bytes, Patches, hits_of
from codybatch.analysis.gathering.raters import rater_agreement
from codybatch.analysis.gathering.setup import setup_of
from codybatch.analysis.gathering.upshot import upshot_of
from codybatch.analysis.report.cells import MatrixRow, Standing
from codybatch.analysis.report.contents import AgainstBaseline, EqualArms, Report
from codybatch.analysis.statistics import necessity
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.cost_per_accepted import CostRatio, Spent, cost_ratio
from codybatch.domain.unsaid import CannotBeSaid
from codybatch.services.findings import Clean


def gather(material: Material, clean: Clean, read: Bytes | None = None) -> Report:
    """The report.

    Args:
        material: what is compared.
        clean: takes secrets out of a text.
        read: reads an object of the store; None where patches are not looked at, which is
            sooner.
    """
    material = cleaned(material, clean)
    patches = Patches(read) if read else None
    hits = {one.name: hits_of(one, material, patches) for one in material.contenders if patches}
    told = compared(material)
    deciding = {name: each[0] for name, each in told.by_arm.items()}
    rows = matrix_of(material, deciding, hits, clean)
    arms = tuple(
        summary_of(one, material, patches, hits.get(one.name, {})) for one in material.contenders
    )
    return Report(
        title=clean(material.title),
        question=clean(material.question),
        experiment=material.experiment,
        unfinished=unfinished_of(material, material.metric),
        upshot=upshot_of(material, deciding),
        setup=setup_of(material, clean),
        arms=arms,
        against_baseline=tuple(
            _against(one, material, told.by_arm[one.name], rows) for one in material.contenders[1:]
        ),
        matrix=rows,
        raters=rater_agreement(material),
        equal_arms=tuple(_equal_arms(material, told)),
        cautions=tuple(dict.fromkeys(_cautions(material, deciding.values(), patches))),
        methods=methods_of(material, with_patches=patches is not None),
        limits=limits_of(material),
    )


def _against(
    contender: Contender,
    material: Material,
    comparisons: tuple[Comparison, ...],
    rows: tuple[MatrixRow, ...],
) -> AgainstBaseline:
    baseline, deciding = material.baseline, comparisons[0]
    how = standings(deciding, material)
    order = [one.repository for one in deciding.by_repository]

    def of(standing: Standing) -> tuple[str, ...]:
        return tuple(name for name in order if how[name] is standing)

    return AgainstBaseline(
        arm=contender.name,
        comparisons=comparisons,
        regressed=of(Standing.REGRESSED),
        improved=tuple(reversed(of(Standing.IMPROVED))),
        equal=of(Standing.EQUAL),
        not_compared=tuple(name for name in how if how[name] is Standing.NOT_COMPARED),
        disagreements=disagreements(deciding, rows, baseline.name, material.truth),
        says_the_same=necessity.agreement(said_by(baseline), said_by(contender)),
        cost_ratio=_cost_ratio(baseline, contender),
        spread=spread_of(material.metric, material, baseline, contender),
        is_equal_arm=contender.equal_to == baseline.name,
    )


def _cost_ratio(a: Contender, b: Contender) -> CostRatio | CannotBeSaid:
    """Over the repositories on which both have jobs that ended."""
    both = _with_jobs(a) & _with_jobs(b)
    if not both:
        return CannotBeSaid("Both have no repository in common.")

    def of(contender: Contender) -> list[Spent]:
        return [one for one in spent_by(contender) if one.repository in both]

    return cost_ratio(of(a), of(b))


def _with_jobs(contender: Contender) -> set[str]:
    return {name for name, tried in contender.every() if tried.ended}


def _equal_arms(material: Material, told: Compared) -> Iterator[EqualArms]:
    for name, comparison in told.equal_arms.items():
        of = material.contender(name).equal_to or ""
        differs = comparison.conclusion in {Conclusion.A_BETTER, Conclusion.B_BETTER}
        begin = (
            f"{name} repeats {of}, so that any difference is chance. "
            if not differs
            else f"{name} repeats {of} and differs from it all the same: what is shown of others "
            "may be chance, too. "
        )
        yield EqualArms(of, name, comparison, begin + comparison.sentence)


def _cautions(
    material: Material, comparisons: Iterable[Comparison], patches: Patches | None
) -> Iterator[str]:
    yield from material.notices
    if material.metric_chosen_at is None:
        yield (
            "Nothing settled before the results what decides: who tries several metrics finds one "
            "on which prompts differ by chance."
        )
    several = len(material.contenders) > 2
    for comparison in comparisons:
        begin = f"{comparison.b}: " if several else ""
        yield from (begin + one for one in comparison.cautions)
    if patches and patches.unread:
        many = "1 patch" if patches.unread == 1 else f"{patches.unread} patches"
        yield f"{many} could not be read; how alike repetitions are is told without these."
