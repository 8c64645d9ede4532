"""What a pull request and its commit say: our own words around text of the model, which is hostile.

Nothing of the model's may reach beyond the page: no mention that notifies people, no reference or
closing word that touches other issues, no image, link or markup that a browser would fetch or run,
nothing that switches checks off or signs for somebody.
"""

from __future__ import annotations

import re
import unicodedata

from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import Job
from codybatch.domain.money import CENT
from codybatch.domain.requests import Request
from codybatch.domain.states import ENDINGS, EndedBecause, JobState
from codybatch.ports import PullRequestText

MAX_BODY = 60_000
"""Characters; GitHub refuses a body above 65,536. The parts below never come to more."""
MAX_TITLE = 120
"""GitHub refuses a title above 256."""
MAX_SUBJECT = 72
"""What git's own tools show of a commit's first line."""
MAX_SUMMARY = 40_000
MAX_VERIFICATION = 6_000
MAX_MISMATCH = 2_000
MAX_PROMPT_HEAD = 600
MAX_NAME = 100
MAX_COMMIT_SUMMARY = 2_000
_LONGEST_LINE = 1_000
_CUT = "(cut: it was longer)"

_BREAK = "\N{ZERO WIDTH SPACE}"
_CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b"
    r"(?=[\s:]{0,20}(?:[\w.-]{1,100}/[\w.-]{1,100})?(?:#|GH-|https?:))",
    re.IGNORECASE,
)
# "[skip ci]" and its kin, which leave the checks out (docs.github.com, "Skipping workflow runs").
_SKIPPING = re.compile(r"\[(?=\s*(?:skip|no|ci|actions)\b)|NO(?=\\?_CI)", re.IGNORECASE)
_TRAILER = re.compile(r"^([\w-]+-by|skip-checks|Cody-Batch-Job)(?=\s*:)", re.IGNORECASE)
# Drawn as nothing, although they belong to no category of such (Default_Ignorable_Code_Point).
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2028\u2029\u2800\u3164\ufe00-\ufe0f"
    "\uffa0\U000e0100-\U000e01ef]"
)
_MARKUP = str.maketrans(
    {char: "\\" + char for char in "\\`*_[]|~!$"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
)
# What may stand in a code span: nothing that would mean anything outside of it.
_CODE = re.compile(
    r"(?<!`)`(?=[^\s`])((?:(?!//|\]\()[\w ./()=,:;*+'\"\[\]{}-]){1,200})(?<! )`(?!`)"
)


def pull_request_text(
    job: Job,
    request: Request,
    because: EndedBecause = EndedBecause.FINISHED,
    overridden_by: Person | None = None,
) -> PullRequestText:
    """The title and body of a job's pull request.

    Args:
        job: what was done.
        request: what was asked for.
        because: why the job ended.
        overridden_by: who published it although something spoke against it.
    """
    options = request.options
    return PullRequestText(
        title=title_line(job.title or request.title),
        body=_body(job, request, because, overridden_by),
        labels=options.labels,
        reviewers=options.reviewers,
        assignees=options.assignees,
    )


def commit_message(job: Job) -> str:
    """The message of a job's commit; the same for the same job."""
    subject = title_line(job.title or job.request_title, MAX_SUBJECT)
    lines = [_message_line(line) for line in job.summary[:MAX_COMMIT_SUMMARY].splitlines()]
    return f"{subject}\n\n{chr(10).join(lines).strip()}\n\nCody-Batch-Job: {job.id}\n"


def title_line(text: str, limit: int = MAX_TITLE) -> str:
    """Text of the model as one line that can stand in a title or a commit's subject."""
    flat = " ".join(_visible(text[: 10 * limit]).split())
    flat = _broken(flat)
    if len(flat) > limit:
        head = flat[: limit - 2]
        flat = f"{head.rpartition(' ')[0] or head} …"
    return flat.strip() or "Change by Cody Batch"


def plain(text: str, limit: int = MAX_SUMMARY) -> str:
    """Text of the model as Markdown of at most ``limit`` characters that shows just its characters:
    nothing links, notifies, closes or loads. Lines, paragraphs, lists and short code stay.
    """
    lines: list[str] = []
    room = limit - len(_CUT) - 1
    for line in _short_lines(text[:limit].replace("\r\n", "\n")):
        shown = _plain_line(line)
        room -= len(shown) + 1
        if room < 0:
            break
        lines.append(shown)
    if room < 0 or len(text) > limit:
        lines.append(_CUT)
    return "\n".join(lines).strip()


def _short_lines(text: str) -> list[str]:
    lines = [_visible(line).strip() for line in text.split("\n")]
    return [
        line[start : start + _LONGEST_LINE]
        for line in lines
        for start in range(0, max(1, len(line)), _LONGEST_LINE)
    ]


def _plain_line(line: str) -> str:
    # Every other piece is what stood in a code span.
    pieces = _CODE.split(line)
    shown = "".join(
        f"`{_broken(piece)}`" if place % 2 else _broken(piece.translate(_MARKUP))
        for place, piece in enumerate(pieces)
    )
    # A list stays a list; anything else that means structure at a line's beginning is escaped.
    if re.match(r"[-+] \S|\d{1,3}\. \S", shown):
        return shown
    return re.sub(r"^(\d*)([#=+.)-])", r"\1\\\2", shown) + ("  " if shown else "")


def _visible(text: str) -> str:
    """``text`` without what has no mark of its own or steers; white space becomes a space."""
    spaced = re.sub(r"[^\S\n]", " ", text)
    kept = (c for c in spaced if c == "\n" or unicodedata.category(c) not in _INVISIBLE)
    return _UNSEEN.sub("", "".join(kept))


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def _broken(text: str) -> str:
    """``text`` with every mention, reference, closing word and address taken apart."""
    text = _CLOSING.sub(lambda found: found[0][0] + _BREAK + found[0][1:], text)
    text = _SKIPPING.sub(lambda found: found[0] + _BREAK, text)
    text = text.replace("@", "@" + _BREAK).replace("#", "#" + _BREAK)
    text = re.sub(r"\b(GH)-(?=\d)", rf"\1{_BREAK}-", text, flags=re.IGNORECASE)
    text = text.replace("://", f":{_BREAK}//")
    return re.sub(r"\b(www)\.", rf"\1{_BREAK}.", text, flags=re.IGNORECASE)


def _message_line(line: str) -> str:
    flat = " ".join(_visible(line).split())
    return _TRAILER.sub(lambda found: found[0] + _BREAK, _broken(flat))


def _body(job: Job, request: Request, because: EndedBecause, overridden_by: Person | None) -> str:
    parts = (
        plain(job.summary) or "No summary was given.",
        _section("Why", _quoted(request.prompt_text)),
        _section("Followed up with", _quoted(job.lineage.instructions)),
        _section("Checks", _checks(job, because, overridden_by)),
        _section("How it was made", _making(job)),
        f"<!-- cody-batch request={job.request} lineage={job.lineage.root} job={job.id} -->",
    )
    return "\n\n".join(part for part in parts if part)


def _section(title: str, text: str) -> str:
    return f"### {title}\n\n{text}" if text else ""


def _quoted(prompt: str) -> str:
    if not prompt:
        return ""
    head = prompt[:MAX_PROMPT_HEAD] + (" …" if len(prompt) > MAX_PROMPT_HEAD else "")
    return "\n".join(f"> {line}" for line in plain(head).split("\n"))


def _checks(job: Job, because: EndedBecause, overridden_by: Person | None) -> str:
    lines = ["- The patch was shown to apply to the pinned commit."]
    if job.gate:
        who = f"; {_code(overridden_by)} looked at it" if overridden_by else ""
        lines.append(f"- The gate named {len(job.gate)} thing(s) to look at{who}.")
    else:
        lines.append("- The gate (secrets, symlinks, modes, binaries, paths) found nothing.")
    if ENDINGS[because].state is not JobState.SUCCEEDED:
        who = f" {_code(overridden_by)} published it all the same." if overridden_by else ""
        lines.append(f"- The job did not finish: {ENDINGS[because].sentence}{who}")
    if job.verification:
        said = plain(" ".join(job.verification.split()), MAX_VERIFICATION)
        lines.append(f"- Claude says: {said}")
    if job.claim_mismatch:
        lines.append(f"- Note: {plain(' '.join(job.claim_mismatch.split()), MAX_MISMATCH)}")
    return "\n".join(lines)


def _making(job: Job) -> str:
    cost = f"${job.cost_usd.quantize(CENT)}" if job.cost_usd >= CENT else "under $0.01"
    prompt = f"prompt {_code(job.prompt.name)} version {job.prompt.version}"
    return (
        f"Made by Cody Batch for {_code(job.requester)}: {prompt}, model {_code(job.model)}, "
        f"{job.progress.turn} turns, {cost}. Job {_code(job.id)} on commit "
        f"{_code(job.commit[:12])}."
    )


def _code(name: str) -> str:
    """A name of ours as code; it may come from a setting or a token."""
    shown = title_line(re.sub(r"[`<>&|\\\[\]!]", "", name), MAX_NAME)
    return f"`{shown}`"
