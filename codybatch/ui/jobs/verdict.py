"""What people think of a job's result, as a page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import Job
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.words import Badge, ago

DECISION_BADGES: dict[Decision, Badge] = {
    Decision.ACCEPT: Badge("Accepted", ":material/thumb_up:", "green"),
    Decision.REJECT: Badge("Rejected", ":material/thumb_down:", "red"),
}


@dataclass(frozen=True)
class ShownVerdict:
    """A verdict in words."""

    badge: Badge
    about: str
    reasons: str
    comment: str


@dataclass(frozen=True)
class Judged:
    """A job's verdicts: one's own, as it is stored, and the others' in words."""

    may_judge: bool
    mine: Verdict | None
    others: tuple[ShownVerdict, ...]
    side_by_side: tuple[ShownVerdict, ...]
    """One's own where there is one, then the others'."""
    reasons: tuple[str, ...]
    """Which there are to choose from: those of the settings, and what one chose before."""


def judged(
    job: Job,
    verdicts: Sequence[Verdict],
    me: Person,
    *,
    reasons: Sequence[str],
    clean: Clean,
    now: datetime,
    zone: tzinfo = UTC,
) -> Judged:
    """A job's verdicts.

    Args:
        job: which.
        verdicts: all of it.
        me: who looks.
        reasons: those of the settings.
        clean: takes secrets out.
        now: what time it is.
        zone: of the person who looks.
    """
    mine = next((one for one in verdicts if one.rater == me), None)
    others = tuple(_shown(one, one.rater, clean, now, zone) for one in verdicts if one.rater != me)
    own = (_shown(mine, "You", clean, now, zone),) if mine else ()
    return Judged(
        may_judge=job.state.is_terminal,
        mine=mine,
        others=others,
        side_by_side=(*own, *others),
        reasons=tuple(dict.fromkeys((*reasons, *(mine.reasons if mine else ())))),
    )


def _shown(verdict: Verdict, who: str, clean: Clean, now: datetime, zone: tzinfo) -> ShownVerdict:
    rating = f" · {verdict.rating} of 5" if verdict.rating else ""
    blind = " · blind" if verdict.blind else ""
    return ShownVerdict(
        badge=DECISION_BADGES[verdict.decision],
        about=shown_on_one_line(f"{who}{rating}{blind} · {ago(verdict.at, now, zone)}", clean),
        reasons=shown_on_one_line(", ".join(verdict.reasons), clean),
        comment=shown(verdict.comment, clean),
    )
