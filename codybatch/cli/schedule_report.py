"""How schedules are shown on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codybatch.cli.output import print_facts, print_json

if TYPE_CHECKING:
    from datetime import datetime

    from codybatch.composition import Application
    from codybatch.domain.schedules import Schedule


def schedule_row(schedule: Schedule, now: datetime) -> tuple[str, ...]:
    """Its line in the list: id, name, rule, next run, last run, and what it runs over."""
    from codybatch.services.calendar_words import in_words

    words = in_words(schedule.rule), _next(schedule, now), _last(schedule)
    return (schedule.id, schedule.name, *words, _runs_over(schedule))


def show_schedule(application: Application, schedule: Schedule, *, as_json: bool) -> None:
    """Print one schedule: what it submits, when it runs next and how its last runs went."""
    from codybatch.services.calendar_words import in_words
    from codybatch.services.schedule_words import MISSED, OVERLAP, prompt_in_words
    from codybatch.services.schedule_words import publication_in_words as publication
    from codybatch.services.wire.others import ScheduleInFull
    from codybatch.services.wording import money

    next_runs = () if schedule.paused else application.schedules.next_runs(schedule.rule)
    if as_json:
        print_json(ScheduleInFull.with_runs(schedule, next_runs).as_json())
        return
    template, now = schedule.template, application.clock.now()
    cap = template.request_cost_cap_usd
    zone = schedule.rule.zone
    print_facts(
        {
            "Schedule": f"{schedule.name} ({schedule.id})",
            "Rule": f"{in_words(schedule.rule)} ({schedule.rule.text})",
            "Next": "\n".join(f"{due.astimezone(zone):%a %Y-%m-%d %H:%M %Z}" for due in next_runs)
            or _next(schedule, now),
            "Trouble": schedule.trouble,
            "Prompt": prompt_in_words(template),
            "Variables": "\n".join(f"{name}={value}" for name, value in template.variables.items()),
            "Repositories": "\n".join(template.repositories),
            "Model": template.options.model,
            "Cost": f"at most {money(cap)} a run" if cap else "no cap of its own",
            "Publishes": publication(template),
            "Missed": MISSED[schedule.missed],
            "Overlap": OVERLAP[schedule.overlap],
            "By": schedule.created_by,
            "Last runs": "\n".join(_past(schedule)) or "none yet",
        }
    )


def _past(schedule: Schedule) -> list[str]:
    from codybatch.services.schedule_words import run_in_words

    zone = schedule.rule.zone
    return [
        f"{run.due_at.astimezone(zone):%Y-%m-%d %H:%M}  {run_in_words(run)}"
        for run in schedule.runs
    ]


def _next(schedule: Schedule, now: datetime) -> str:
    from codybatch.services.schedule_words import next_in_words

    return next_in_words(schedule, schedule.rule.zone, now)


def _last(schedule: Schedule) -> str:
    from codybatch.services.schedule_words import run_in_words

    return run_in_words(schedule.runs[0]) if schedule.runs else "never ran"


def _runs_over(schedule: Schedule) -> str:
    template = schedule.template
    return f"{template.prompt} over {', '.join(template.repositories)}"
