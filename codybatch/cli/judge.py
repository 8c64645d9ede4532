"""``codybatch judge``: judge job after job in a terminal, a line each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.judging import Which, scope_of
from codybatch.cli.output import on_one_line, say, styled
from codybatch.cli.run import guarded
from codybatch.domain.errors import CodyBatchError, UsageError

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.domain.findings import Decision
    from codybatch.domain.identifiers import JobId
    from codybatch.domain.jobs import Job

HELP = """\
  a or x, then what you like of: a rating 1 to 5, reasons separated by ;, and # a comment
    a 5        x 2 style; too large # touches what it need not
  s skip · b back · u take back · d all of the diff · r the reasons · q leave
"""
DIFF_LINES = 120
"""Of a patch at first; ``d`` shows all."""


@guarded
def judge(
    which: Which,
    blind: Annotated[
        bool,
        typer.Option("--blind", help="Hide prompt and model; the order is drawn for you."),
    ] = False,
    raters: Annotated[
        int | None,
        typer.Option(metavar="N", help="Leave out what N others have judged.", min=1, max=20),
    ] = None,
) -> None:
    """Judge the jobs of an experiment or a request that you have not judged, one after the other.

    Each answer is a line, from the terminal or from standard input, and is stored at once.
    """
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        _judge(application, which, blind=blind, raters=raters)


def _judge(app: Application, which: str, *, blind: bool, raters: int | None) -> None:
    from codybatch.services.blind import telling
    from codybatch.services.to_judge import ToJudge

    line = ToJudge(app.store.records).line(
        scope_of(app, which), app.person, blind=blind, raters=raters
    )
    left = [job for job in line.jobs if job.id not in line.judged]
    if not left:
        say("Nothing to judge.")
        return
    say(HELP)
    clean: Callable[[str], str] = app.net.clean
    if blind:
        from codybatch.services.blind import Mask

        mask = Mask(telling(line.jobs))
        clean = _both(app.net.clean, mask.hide)
    Sitting(app, left, clean, blind=blind).hold()


def _both(first: Callable[[str], str], second: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: second(first(text))


@dataclass
class Sitting:
    """One person's way through some jobs."""

    app: Application
    jobs: Sequence[Job]
    clean: Callable[[str], str]
    blind: bool
    place: int = 0
    judged: set[JobId] = field(default_factory=set)

    def hold(self) -> None:
        """Ask for each job, until all were shown or the person leaves."""
        shown = -1
        while self.place < len(self.jobs):
            if shown != self.place:
                self._show(self.jobs[self.place])
                shown = self.place
            answer = _answer(f"{self.place + 1} of {len(self.jobs)} > ")
            if answer is None or answer == "q":
                break
            try:
                self._take(answer)
            except CodyBatchError as error:
                say(error.message)
        skipped = len(self.jobs) - len(self.judged)
        rest = f" {skipped} were not." if skipped else ""
        say(f"Judged {len(self.judged)} of {len(self.jobs)}.{rest}")

    def _take(self, answer: str) -> None:
        job = self.jobs[self.place]
        match answer:
            case "" | "?" | "h":
                say(HELP)
            case "s":
                self.place += 1
            case "b":
                self.place = max(0, self.place - 1)
            case "u":
                self._take_back()
            case "d":
                self._show_diff(job, None)
            case "r":
                from codybatch.composition import verdict_reasons

                say("; ".join(verdict_reasons(self.app).of(job.kind)))
            case _:
                self._rate(job, answer)

    def _rate(self, job: Job, answer: str) -> None:
        from codybatch.composition import verdicts

        decision, rating, reasons, comment = read_verdict(answer)
        verdicts(self.app).rate(
            *(job.id, self.app.person, decision),
            rating=rating,
            reasons=reasons,
            comment=comment,
            blind=self.blind,
        )
        self.judged.add(job.id)
        self.place += 1

    def _take_back(self) -> None:
        """Take the verdict of the job before back, and go there."""
        from codybatch.composition import verdicts

        before = self.jobs[max(0, self.place - 1)]
        if before.id not in self.judged:
            raise UsageError("The job before has no verdict of this sitting.")
        verdicts(self.app).withdraw(before.id, self.app.person)
        self.judged.discard(before.id)
        self.place = max(0, self.place - 1)

    def _show(self, job: Job) -> None:
        by = "" if self.blind else f" · {job.prompt.name}@{job.prompt.version} · {job.model}"
        say()
        typer.echo(styled(on_one_line(f"{job.repository.full_name}{by}"), bold=True))
        for text in (job.title, job.summary, job.verification):
            if text:
                say(self.clean(text))
        for finding in job.findings:
            place = f"{finding.path}:{finding.start_line or ''}".rstrip(":")
            say(self.clean(f"- {finding.severity} {finding.rule} {place}: {finding.message}"))
        if job.answer is not None:
            from codybatch.services.finding_files import as_json
            from codybatch.services.findings import cleaned_json

            say(as_json(cleaned_json(job.answer, self.clean)))
        self._show_diff(job, DIFF_LINES)

    def _show_diff(self, job: Job, most_lines: int | None) -> None:
        from codybatch.cli.results import print_diff

        if job.patch is not None:
            content = self.app.jobs.patch(job.id).decode(errors="replace")
            print_diff(self.clean(content), most_lines)


def read_verdict(answer: str) -> tuple[Decision, int | None, tuple[str, ...], str]:
    """A verdict as it is written on one line.

    Raises:
        UsageError: it is none; the message says how one is written.
    """
    from codybatch.domain.findings import Decision

    said, _, comment = answer.partition("#")
    first, _, rest = said.strip().partition(" ")
    decisions = {"a": Decision.ACCEPT, "x": Decision.REJECT}
    if first not in decisions:
        raise UsageError(f"{answer!r} is no answer.\n{HELP.rstrip()}")
    number, _, after = rest.strip().partition(" ")
    rating = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else None
    named = after if rating is not None else rest
    reasons = tuple(part.strip() for part in named.split(";") if part.strip())
    return decisions[first], rating, reasons, comment.strip()


def _answer(prompt: str) -> str | None:
    """A line without its spaces; None where there are no more."""
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    return line.strip() if line else None
