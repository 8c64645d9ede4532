"""The demonstration's experiment: run by the real service on the stand-ins, judged by scripts.

What lives here: what ``codybatch demo --experiment`` does, each step as a person would do it.
"""

from __future__ import annotations

import csv
import tempfile
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from codybatch.cli.output import hint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codybatch.analysis.report.contents import Upshot
    from codybatch.composition import Application
    from codybatch.domain.cells import Cell
    from codybatch.domain.experiments import Experiment
    from codybatch.domain.identifiers import JobId
    from codybatch.services.experiment_form import ExperimentForm
    from codybatch.services.experiment_standing import Standing


def run_experiment(app: Application) -> tuple[str, tuple[Upshot, ...]]:
    """Compare two prompts, then the better one with a third: its name, and what came of it twice.

    Where it was begun before it goes on, and where it had ended nothing is run again.

    Args:
        app: the demonstration's.
    """
    from codybatch.standins.experiment.prompts import OTHER_WORDS, SPELLED_OUT

    experiment = _begun(app)
    if len(experiment.arms) > 2:
        return experiment.name, (_decided(app, experiment),)
    first = _decided(app, experiment)
    hint("Is the better one better because of its words? A third prompt asks the same in others.")
    larger = app.experiments.add_arms(experiment.id, _arms_form(app, OTHER_WORDS))
    hint(added_in_words(experiment, larger))
    (better,) = (arm.name for arm in experiment.arms if arm.prompt.name == SPELLED_OUT)
    second = _decided(app, app.experiments.set_baseline(experiment.id, better))
    return experiment.name, (first, second)


def added_in_words(before: Experiment, after: Experiment) -> str:
    """Which arms were added, and by how many cells there are more to count to."""
    known = {arm.name for arm in before.arms}
    names = [arm.name for arm in after.arms if arm.name not in known]
    return (
        f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} added: "
        f"{after.cells - before.cells} cells more, {after.cells} in all. "
        f"The {before.cells} that there are stay as they are."
    )


def _begun(app: Application) -> Experiment:
    from codybatch.services.experiment_files import form_from_file
    from codybatch.services.prompt_files import draft_of
    from codybatch.standins.experiment import NAME, PROMPTS, prompt_text, write_files

    for one in app.experiments.list():
        if one.name == NAME:
            return app.experiments.resume(one.id)
    for name in PROMPTS:
        app.prompts.save(draft_of(prompt_text(name), name), app.person)
    with tempfile.TemporaryDirectory() as folder:
        file = write_files(Path(folder), PROMPTS[:2])
        form = form_from_file(file, app.default_options())
    return app.experiments.create(form, app.person)


def _arms_form(app: Application, prompt: str) -> ExperimentForm:
    from codybatch.services.experiment_form import ExperimentForm

    return ExperimentForm(prompts=(prompt,), repositories=(), options=app.default_options())


def _decided(app: Application, experiment: Experiment) -> Upshot:
    """What an experiment comes to, once it has ended and the scripts have judged it."""
    from codybatch.analysis.report_files.making import report_of
    from codybatch.cli.experiment_live import watched

    standing = watched(app.experiments.follow(experiment.id))
    judge(app, standing)
    return report_of(app, standing.experiment).upshot


def judge(app: Application, standing: Standing) -> int:
    """Have the scripts judge every job that has ended, as a sheet of verdicts; how many are new."""
    from codybatch.composition import verdicts
    from codybatch.services.verdict_sheet import VerdictSheets

    sheet = sheet_of(standing.cells, app.jobs.patch)
    return VerdictSheets(verdicts(app)).take(sheet, replace=True).stored


def sheet_of(cells: Iterable[Cell], patch_of: Callable[[JobId], bytes]) -> str:
    """What the scripts say of cells, as a sheet for ``codybatch verdicts import``.

    Args:
        cells: those without a job that has ended are left out.
        patch_of: gives the patch of a job that has one.
    """
    from codybatch.standins.experiment import RATERS, Work, reference_patch

    sheet = StringIO()
    rows = csv.writer(sheet, lineterminator="\n")
    rows.writerow(("job", "rater", "decision", "rating", "comment", "blind"))
    for cell in cells:
        job = cell.job
        if job is None or not job.state.is_terminal:
            continue
        name = cell.repository.repository.full_name
        work = Work(
            repository=name,
            repetition=cell.repetition,
            patch=patch_of(job.id) if job.patch else b"",
            claim=job.were_changes_necessary,
            reference=reference_patch(name),
        )
        for rater in RATERS:
            said = rater.judge(work)
            decision = "accept" if said.accepts else "reject"
            rows.writerow((job.id, rater.name, decision, said.rating, said.comment, "yes"))
    return sheet.getvalue()
