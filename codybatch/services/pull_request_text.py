"""What a pull request says: our own Markdown around text of the model, which is hostile until read.

Nothing of the model's may reach beyond the page: no mention that notifies people, no reference or
closing word that touches other issues, no image or markup that a browser would fetch or run.
"""

from __future__ import annotations

import re

from codybatch.domain.jobs import Job
from codybatch.domain.money import CENT
from codybatch.domain.requests import Request
from codybatch.ports import PullRequestText

MAX_BODY = 60_000
"""Characters; GitHub refuses a body above 65,536."""
MAX_TITLE = 120
MAX_PROMPT_HEAD = 600

_BREAK = "\N{ZERO WIDTH SPACE}"
_CLOSING = re.compile(
    r"\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b(?=[\s:]*(?:[\w.-]+/[\w.-]+)?(?:#|GH-|https?:))",
    re.IGNORECASE,
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufeff]"
)
_ESCAPED = str.maketrans({char: "\\" + char for char in "\\`*_[]|~!"} | {"<": "&lt;", ">": "&gt;"})


def pull_request_text(job: Job, request: Request) -> PullRequestText:
    """The title and body of a job's pull request."""
    options = request.options
    return PullRequestText(
        title=title_line(job.title or request.title),
        body=_body(job, request),
        labels=options.labels,
        reviewers=options.reviewers,
        assignees=options.assignees,
    )


def title_line(text: str) -> str:
    """Text of the model as one line that can stand in a title or a commit's subject."""
    flat = " ".join(_CONTROL.sub(" ", text).split())
    return _broken(flat)[:MAX_TITLE].strip() or "Change by Cody Batch"


def plain(text: str) -> str:
    """Text of the model as Markdown that shows just its characters: nothing links, notifies, closes
    or loads; its lines and paragraphs stay.
    """
    shown = _CONTROL.sub("", text.replace("\r\n", "\n"))
    lines = [_plain_line(line) for line in shown.split("\n")]
    return "\n".join(lines).strip()


def _plain_line(line: str) -> str:
    escaped = _broken(line.strip().translate(_ESCAPED))
    # A list stays a list; anything else that means structure at a line's beginning is escaped.
    if re.match(r"[-+] |\d{1,3}\. ", escaped):
        return escaped
    return re.sub(r"^(#|=|-|\+|\d+[.)])", r"\\\1", escaped) + ("  " if escaped else "")


def _broken(text: str) -> str:
    """``text`` with every mention, reference, closing word and address taken apart."""
    text = _CLOSING.sub(lambda found: found[0][0] + _BREAK + found[0][1:], text)
    text = text.replace("@", "@" + _BREAK).replace("#", "#" + _BREAK)
    text = re.sub(r"\bGH-(?=\d)", f"GH{_BREAK}-", text, flags=re.IGNORECASE)
    text = re.sub(r"://", f":{_BREAK}//", text)
    return re.sub(r"\bwww\.", f"www{_BREAK}.", text, flags=re.IGNORECASE)


def _body(job: Job, request: Request) -> str:
    parts = [
        plain(job.summary) or "No summary was given.",
        _section("Why", _quoted(request.prompt_text)),
        _section("Checks", _checks(job)),
        _section("How it was made", _making(job)),
        f"<!-- cody-batch lineage={job.lineage.root} job={job.id} -->",
    ]
    body = "\n\n".join(part for part in parts if part)
    if len(body) <= MAX_BODY:
        return body
    marker = parts.pop()
    room = MAX_BODY - len(marker) - 40
    return "\n\n".join(parts)[:room].rstrip("\\& ") + "\n\n(cut: it was longer)\n\n" + marker


def _section(title: str, text: str) -> str:
    return f"### {title}\n\n{text}" if text else ""


def _quoted(prompt: str) -> str:
    head = prompt[:MAX_PROMPT_HEAD] + (" …" if len(prompt) > MAX_PROMPT_HEAD else "")
    return "\n".join(f"> {line}" for line in plain(head).split("\n"))


def _checks(job: Job) -> str:
    lines = ["- The patch was shown to apply to the pinned commit."]
    if job.gate:
        lines.append(f"- The gate named {len(job.gate)} thing(s), which a person looked at.")
    else:
        lines.append("- The gate (secrets, symlinks, modes, binaries, paths) found nothing.")
    if job.verification:
        lines.append(f"- Claude says: {plain(' '.join(job.verification.split()))}")
    if job.claim_mismatch:
        lines.append(f"- Note: {plain(job.claim_mismatch)}")
    return "\n".join(lines)


def _making(job: Job) -> str:
    cost = f"${job.cost_usd.quantize(CENT)}" if job.cost_usd >= CENT else "under $0.01"
    return (
        f"By Cody Batch for `{title_line(job.requester).replace('`', '')}`: prompt "
        f"`{job.prompt}`, model `{title_line(job.model).replace('`', '')}`, "
        f"{job.progress.turn} turns, {cost}. Job `{job.id}` on commit `{job.commit[:12]}`."
    )
