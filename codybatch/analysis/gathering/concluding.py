"""Comparisons with the baseline in words: what stands, of whom nothing is shown, and all in short.

What lives here: every word for who is better. Arms are compared with the baseline alone, never with
each other, so that of several better ones none is called the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codybatch.analysis.gathering.naming import listed
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.effect import Effect

UNDECIDED = "Not decided"
_NAMED = 2
"""Arms that are named in short; of more, the number is told."""
_NAMED_IN_FULL = 5


@dataclass(frozen=True, slots=True)
class Concluded:
    """What comparisons of arms with the baseline come to.

    Args:
        baseline: its name.
        comparisons: of each other arm with it, one at least, by the metric that decides.
    """

    baseline: str
    comparisons: Sequence[Comparison]

    @property
    def better(self) -> tuple[str, ...]:
        """Arms that are shown to be better than the baseline."""
        return self._that_are(Conclusion.B_BETTER)

    @property
    def worse(self) -> tuple[str, ...]:
        """Arms that the baseline is shown to be better than."""
        return self._that_are(Conclusion.A_BETTER)

    @property
    def winner(self) -> str | None:
        """The better arm, of several the one that differs most; the baseline if all are worse."""
        if self.better:
            return self._most()
        return self.baseline if self._are_all(Conclusion.A_BETTER) else None

    @property
    def badge(self) -> str:
        """What stands, in a word or two."""
        if self.better:
            return f"Better: {_in_short(self.better)}"
        if self.worse:
            return f"Better: {self.baseline}" if self.winner else "Baseline stands"
        are_same = self._are_all(Conclusion.NO_DIFFERENCE_SHOWN)
        return "No difference shown" if are_same else UNDECIDED

    @property
    def brief(self) -> str:
        """What stands, without a full stop, for a list; empty where nothing can be said."""
        if self.better:
            return f"{_in_short(self.better)} {_verb(self.better)} better than {self.baseline}"
        if self.worse:
            return f"{_in_short(self.worse)} did worse"
        are_same = self._are_all(Conclusion.NO_DIFFERENCE_SHOWN)
        return "no difference shown" if are_same else ""

    @property
    def sentence(self) -> str:
        """All of it: what stands first, then who shows no difference or cannot be compared."""
        told = "; ".join((*self._what_stands(), *self._what_does_not()))
        begin = told[0] if self.better or self.worse else told[0].upper()
        return f"{begin}{told[1:]}.{self._which_differs_most()}"

    def _what_stands(self) -> Iterator[str]:
        better, worse = self.better, self.worse
        if better:
            yield f"{_in_full(better)} {_verb(better)} better than {self.baseline}"
            if worse:
                yield f"{_in_full(worse)} did worse"
        elif worse:
            yield f"{self.baseline} (baseline) is better than {_in_full(worse)}"

    def _what_does_not(self) -> Iterator[str]:
        if same := self._that_are(Conclusion.NO_DIFFERENCE_SHOWN):
            yield self._no_difference(same)
        if self._are_all(Conclusion.CANNOT_BE_SAID):
            yield "nothing can be concluded: the results do not allow a comparison"
        elif unsaid := self._that_are(Conclusion.CANNOT_BE_SAID):
            yield f"of {_in_full(unsaid)} nothing can be said"
        if waiting := self._that_are(Conclusion.NOT_YET):
            yield f"of {_in_full(waiting)} nothing is concluded yet"

    def _no_difference(self, same: Sequence[str]) -> str:
        if self.worse and not self.better:  # the sentence is about the baseline
            return f"no difference shown to {_in_full(same)}"
        if len(same) == 1:
            return f"no difference shown between {self.baseline} and {same[0]}"
        return f"no difference to {self.baseline} shown for {_in_full(same)}"

    def _which_differs_most(self) -> str:
        if len(self.better) < 2:
            return ""
        return (
            f" Of those that are better {self._most()} differs most; whether it is better than the "
            "others was not tested."
        )

    def _most(self) -> str:
        return max(self._by(Conclusion.B_BETTER), key=_size).b

    def _by(self, which: Conclusion) -> list[Comparison]:
        return [one for one in self.comparisons if one.conclusion is which]

    def _that_are(self, which: Conclusion) -> tuple[str, ...]:
        return tuple(one.b for one in self._by(which))

    def _are_all(self, which: Conclusion) -> bool:
        return all(one.conclusion is which for one in self.comparisons)


def _size(comparison: Comparison) -> float:
    """How large an effect is, whichever way is better."""
    effect = comparison.effect
    if not isinstance(effect, Effect):
        return 0.0
    return -effect.value if comparison.metric.less_is_better else effect.value


def _verb(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _in_short(names: Sequence[str]) -> str:
    return listed(names, _NAMED)


def _in_full(names: Sequence[str]) -> str:
    return listed(names, _NAMED_IN_FULL)
