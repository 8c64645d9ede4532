"""Raters that are scripts, and are called so: what they say is a rule, not a person's judgement.

Each looks at a patch, what the job claims and what is right for its repository. Two that differ in
what they let pass, and that now and then are wrong, disagree as people do: at a rate that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType

Line = tuple[bytes, bytes]
"""A file, and an added or removed line with its sign."""


@dataclass(frozen=True)
class Work:
    """What a rater sees of a job: neither its prompt nor its model.

    Arguments:
        repository: its name.
        repetition: from 1.
        patch: empty where nothing was changed.
        claim: whether the job says that changes were necessary; None where it ended without a
            result.
        reference: the patch that is right; empty where nothing is to be done.
    """

    repository: str
    repetition: int
    patch: bytes
    claim: bool | None
    reference: bytes


@dataclass(frozen=True)
class Opinion:
    """What a rater says.

    Arguments:
        accepts: whether the work is good enough.
        rating: from 1 (bad) to 5 (good).
        comment: why, in a sentence.
    """

    accepts: bool
    rating: int
    comment: str


@dataclass(frozen=True)
class _Faults:
    missing: int
    """Lines of the reference that the patch lacks."""
    other: int
    """Lines in the reference's files that it has not."""
    needless: frozenset[bytes]
    """Files that the reference leaves alone."""
    is_misjudged: bool
    """Whether the claim is wrong."""

    def sentence(self) -> str:
        said = [
            "ended without a result, or claims what is not so" if self.is_misjudged else "",
            f"changed lines that are missing: {self.missing}" if self.missing else "",
            f"lines that are not as they should be: {self.other}" if self.other else "",
            f"files that need no change: {len(self.needless)}" if self.needless else "",
        ]
        return "; ".join(filter(None, said)) or "as it should be"


@dataclass(frozen=True)
class Rater:
    """A script that judges.

    Arguments:
        name: says that it is a script.
        forgives_needless_files: whether it accepts what is right but for a file too many.
        errs: the part of what it judges that it judges the wrong way round.
    """

    name: str
    forgives_needless_files: bool
    errs: float

    def judge(self, work: Work) -> Opinion:
        """What it says of one job; the same for the same work."""
        faults = _faults(work)
        is_right = not (faults.missing or faults.other)
        forgiven = self.forgives_needless_files or not faults.needless
        misjudged = faults.is_misjudged and not (faults.needless and self.forgives_needless_files)
        accepts = is_right and forgiven and not misjudged
        rating = 5 - min(4, 2 * (not is_right) + bool(faults.needless) + 2 * faults.is_misjudged)
        if self._errs_at(work):
            return Opinion(not accepts, 6 - rating, "A slip of the script, made on purpose.")
        return Opinion(
            accepts, rating, f"A script compared it with the reference: {faults.sentence()}."
        )

    def _errs_at(self, work: Work) -> bool:
        lot = blake2b(work.patch, digest_size=8)
        lot.update(f"{self.name}\0{work.repository}\0{work.repetition}\0{work.claim}".encode())
        return int.from_bytes(lot.digest(), "big") / 2**64 < self.errs


RATERS: tuple[Rater, ...] = (
    Rater("script-strict", forgives_needless_files=False, errs=0.03),
    Rater("script-lenient", forgives_needless_files=True, errs=0.03),
)


def _faults(work: Work) -> _Faults:
    has, wanted = _changed_lines(work.patch), _changed_lines(work.reference)
    files = frozenset(path for path, _ in wanted)
    needless = frozenset(path for path, _ in has) - files
    others = {(path, line): count for (path, line), count in has.items() if path in files}
    return _Faults(
        missing=sum(max(0, count - has.get(line, 0)) for line, count in wanted.items()),
        other=sum(max(0, count - wanted.get(line, 0)) for line, count in others.items()),
        needless=needless,
        is_misjudged=work.claim is not bool(work.reference),
    )


def _changed_lines(patch: bytes) -> Mapping[Line, int]:
    """How often each line is added or removed, by its file."""
    counts: dict[Line, int] = {}
    path, is_inside = b"", False
    for line in patch.split(b"\n"):
        if line.startswith(b"diff --git "):
            path, is_inside = line.rpartition(b" b/")[2], False
        elif line.startswith(b"@@"):
            is_inside = True
        elif is_inside and line[:1] in b"+-" and line:
            counts[path, line] = counts.get((path, line), 0) + 1
    return MappingProxyType(counts)
