"""How jobs ended, a bar a group: the share of each state, with counts written into it."""

from __future__ import annotations

from collections.abc import Mapping

from codybatch.analysis.display.sheet import Html, joined
from codybatch.analysis.plots.picture import (
    BLUE,
    GRAY,
    GREEN,
    ON_FILL,
    ORANGE,
    PURPLE,
    RED,
    Picture,
    box,
    line,
    words,
)
from codybatch.domain.states import JobState

MOST_GROUPS = 30
WIDTH, LEFT, RIGHT, ROW, BAR = 720, 190, 60, 30, 20
_TOP, _KEY = 8, 40
FILLS: dict[JobState, str] = {
    JobState.SUCCEEDED: GREEN,
    JobState.PARTIAL: ORANGE,
    JobState.FAILED: RED,
    JobState.CANCELLED: GRAY,
    JobState.WAITING: PURPLE,
    JobState.RUNNING: BLUE,
    JobState.QUEUED: "#6b7d8f",
}
"""In the order in which they stand in a bar."""


def outcomes(groups: Mapping[str, Mapping[str, int]], title: str) -> Picture:
    """A picture of how many jobs are in each state.

    Args:
        groups: how many jobs are in each state, by the group's name. The largest are shown.
        title: of the picture.
    """
    kept = {name: counts for name, counts in groups.items() if sum(counts.values())}
    largest = sorted(kept.items(), key=lambda one: (-sum(one[1].values()), one[0]))
    shown = dict(largest[:MOST_GROUPS])
    rows = tuple(
        (name, *(f"{counts.get(state, 0):,}" for state in FILLS)) for name, counts in shown.items()
    )
    return Picture(
        title=title,
        description=_described(shown, len(kept) - len(shown)),
        width=WIDTH,
        height=_TOP + ROW * max(1, len(shown)) + _KEY,
        body=_body(shown) if shown else words("No jobs to show.", LEFT, 26),
        headings=("Group", *(state.value for state in FILLS)),
        rows=rows,
    )


def _body(shown: Mapping[str, Mapping[str, int]]) -> Html:
    parts = [_bar(name, counts, _TOP + ROW * n) for n, (name, counts) in enumerate(shown.items())]
    foot = _TOP + ROW * len(shown)
    parts.append(line(LEFT, foot, WIDTH - RIGHT, foot, "0.4"))
    place = float(LEFT)
    for state, fill in FILLS.items():
        if any(counts.get(state, 0) for counts in shown.values()):
            parts += [box(place, foot + 14, 10, 10, fill), words(state, place + 15, foot + 23)]
            place += 28 + 7 * len(state)
    return joined(*parts)


def _bar(name: str, counts: Mapping[str, int], top: float) -> Html:
    total = sum(counts.values())
    short = name if len(name) <= 26 else f"{name[:25]}…"
    parts = [words(short, LEFT - 10, top + 15, "end")]
    place = float(LEFT)
    for state, fill in FILLS.items():
        count = counts.get(state, 0)
        width = (WIDTH - LEFT - RIGHT) * count / total
        if count:
            parts.append(box(place, top, max(1.0, width - 0.6), BAR, fill, f"{state}: {count:,}"))
        if width >= 9 * len(f"{count:,}"):
            parts.append(words(f"{count:,}", place + width / 2, top + 14.5, "middle", fill=ON_FILL))
        place += width
    parts.append(words(f"{total:,}", WIDTH - RIGHT + 8, top + 15, opacity="0.8"))
    return joined(*parts)


def _described(shown: Mapping[str, Mapping[str, int]], left: int) -> str:
    if not shown:
        return "There are no jobs to show."
    told = []
    for name, counts in list(shown.items())[:8]:
        states = ", ".join(f"{counts[state]:,} {state}" for state in FILLS if counts.get(state))
        told.append(f"{name}: {states}")
    more = f"; {len(shown) - 8} more groups" if len(shown) > 8 else ""
    rest = f". {left} smaller groups are left out" if left else ""
    return f"Jobs by group and state. {'; '.join(told)}{more}{rest}."
