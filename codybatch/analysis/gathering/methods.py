"""How each number was worked out, and what it does not show, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from codybatch.analysis.gathering.material import Material
from codybatch.domain.experiments import Metric

_DECIDES = {
    Metric.ACCEPTED: (
        "What decides is how often a job was accepted: for each repository the part of its "
        "repetitions, and of these parts the mean."
    ),
    Metric.RATING: (
        "What decides is the rating (1 to 5): of each job the mean of its raters', of each "
        "repository the mean of its jobs."
    ),
    Metric.CORRECT: (
        "What decides is how often a job saw rightly whether changes are necessary, against what "
        "a person found; a job that said neither was wrong."
    ),
    Metric.COST: (
        "What decides is what a job costs: of the repositories' ratios the geometric mean."
    ),
    Metric.DURATION: (
        "What decides is how long a job worked, waiting left out: of the repositories' ratios the "
        "geometric mean."
    ),
}


def methods_of(material: Material, *, with_patches: bool) -> tuple[str, ...]:
    """How it was done.

    Args:
        material: what was compared.
        with_patches: whether patches were looked at.
    """
    return tuple(_methods(material, with_patches=with_patches))


def _methods(material: Material, *, with_patches: bool) -> Iterator[str]:
    yield _DECIDES[material.metric]
    yield (
        "The unit is the repository: repetitions on one resemble each other, and are not counted "
        "as if they were independent. Every repository weighs the same."
    )
    if material.clustered_by_owner:
        yield "Repositories of one owner count as one observation together."
    if any(len(one.verdicts) > 1 for arm in material.contenders for _, one in arm.every()):
        yield (
            "Where several people judged a job, the majority decides. Where as many accept as "
            "reject, the raters do not agree: such a job counts as not accepted and is shown as "
            "such; where leaving it out would change the answer, a caution says so."
        )
    yield (
        "A job that ended without anything to judge counts as not accepted, because who runs the "
        "prompt gets nothing from it; where leaving such jobs out would change the answer, a "
        "caution says so. A job that a person cancelled, that is missing or that nobody judged "
        "says nothing and is counted apart."
    )
    yield (
        "Intervals hold the true value in 95 % of cases: of one arm Wilson's on its effective "
        "sample size; of a difference Student's t on the repositories' differences, or Newcombe's "
        "where each has one repetition. P-values are by flipping signs, exact where they can be "
        "counted, or McNemar's mid-p with one repetition."
    )
    if len(material.contenders) > 2:
        yield "P-values are corrected for the number of arms that are compared (Holm)."
    yield (
        "A difference is called shown where p is at most 0.05, the interval leaves out “no "
        "difference”, and at least six repositories differ."
    )
    yield (
        "Cost and time are compared as the geometric mean of ratios. What an accepted result "
        "costs is what all jobs that count cost together, by all that was accepted, with a "
        "bootstrap interval over repositories; attempts before a job that was made again are in "
        "what was spent, and not in this."
    )
    yield (
        "pass^k is the chance that all of k attempts on a repository are accepted, pass@k that at "
        "least one is, without bias from all repetitions."
    )
    yield (
        "Agreement of two raters is Cohen's kappa, of ratings with quadratic weights; of all "
        "raters Krippendorff's alpha. Their intervals take jobs for independent."
    )
    if with_patches:
        yield (
            "Repetitions are alike by the files that both touch and by the added and removed lines "
            "that both hold, as a part of those that either does. A place of a reference patch is "
            "hit where the patch changes or adjoins the same lines of the commit."
        )


def limits_of(material: Material) -> tuple[str, ...]:
    """What it does not show."""
    limits = [
        "It speaks of repositories like these, with these models at this time; others may differ.",
        "Not shown to differ is not shown to be equal: the interval says what may still be there.",
    ]
    if any(
        not one.blind for arm in material.contenders for _, t in arm.every() for one in t.verdicts
    ):
        limits.append(
            "Some verdicts were given by people who saw which prompt and model they judged."
        )
    if not material.truth:
        limits.append(
            "Of no repository a person said beforehand whether changes are necessary: prompts that "
            "agree may agree on what is wrong."
        )
    return tuple(limits)
