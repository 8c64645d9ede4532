"""What was changed of an experiment since it was set up, and what that means for its p-values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codybatch.domain.experiments import ChangeKind, ExperimentChange

_ADDED = {
    ChangeKind.ARMS: ("1 arm was added", "arms were added"),
    ChangeKind.BASELINE_AGAIN: ("The baseline was added once more", ""),
    ChangeKind.REPOSITORIES: ("1 repository was added", "repositories were added"),
    ChangeKind.REPETITIONS: ("1 repetition was added", "repetitions were added"),
    ChangeKind.BASELINE: ("The baseline was changed", ""),
}
_LOOKED = (
    "the p-value takes no account of looking more than once, and who adds until it is small finds "
    "a difference by chance"
)
_MEANS = {
    ChangeKind.ARMS: ("Arms were added", _LOOKED),
    ChangeKind.REPOSITORIES: ("Repositories were added", _LOOKED),
    ChangeKind.REPETITIONS: ("Repetitions were added", _LOOKED),
    ChangeKind.BASELINE: (
        "The baseline was changed",
        "the p-value takes no account of choosing by results what is compared with what",
    ),
}
"""A baseline that runs again beside all others changes nothing of what these are compared with."""


def told(change: ExperimentChange) -> str:
    """A change in a sentence, with when it was made and how many results there were."""
    one, several = _ADDED[change.kind]
    what = one if change.number == 1 else f"{change.number} {several}"
    return f"{what} on {change.at:%Y-%m-%d %H:%M} UTC, {_after(change.results)}."


def cautions_of(changes: Sequence[ExperimentChange]) -> Iterator[str]:
    """What has to be said of changes that were made when results were there, once of each kind."""
    for kind, (what, means) in _MEANS.items():
        late = [one for one in changes if one.kind is kind and one.results]
        if len(late) == 1:
            yield f"{what} {_after(late[0].results)}: {means}."
        elif late:
            first = late[0].results
            yield f"{what} {len(late)} times when results were there, first with {first}: {means}."


def _after(results: int) -> str:
    if not results:
        return "before any result"
    return f"after {results:,} {'result was' if results == 1 else 'results were'} there"
