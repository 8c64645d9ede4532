"""The notebooks run on the demonstration's data, and what they submit and show is right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pytest

import codybatch
from codybatch.analysis.results import RequestResult
from codybatch.analysis.workspace import Workspace
from codybatch.domain.errors import CodyBatchError, MissingVariable, PolicyError, UsageError
from tests.notebooks.demonstrated import AUDITED, CHANGED, demonstrate, staged
from tests.notebooks.render import executed, notebooks, page_of, readers

pytestmark = pytest.mark.timeout(300)

MOST_LINES_OF_A_CELL = 8


class Stage:
    """The demonstration after it ran, while its stand-ins still answer."""

    def __init__(self, home: Path, cb: Workspace, ended: tuple[RequestResult, ...]) -> None:
        self.home = home
        self.cb = cb
        self.ended = ended


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = tmp_path_factory.mktemp("notebooks")
    with staged(home) as cb:
        yield Stage(home, cb, demonstrate(cb))


@pytest.mark.parametrize("notebook", readers(), ids=lambda path: path.stem)
def test_a_notebook_runs_from_its_first_to_its_last_cell(
    notebook: Path, demonstration: Stage
) -> None:
    found = executed(notebook, demonstration.home)

    shown = [output for cell in found.cells for output in cell.get("outputs", ())]
    assert len(shown) >= 6
    assert {output.output_type for output in shown} <= {"execute_result", "display_data"}
    page, pictures = page_of(found, notebook.stem)
    assert page.startswith("# ")
    assert len(page.encode()) < 200_000
    assert all(b"<svg" in content for content in pictures.values())


@pytest.mark.parametrize("notebook", notebooks(), ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs_and_readable(notebook: Path) -> None:
    text = notebook.read_text()
    found: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(found)

    assert found.cells[0].source.startswith("# ")
    assert not re.search(r"/home/|/tmp|/Users/", text)
    assert "kernelspec" in found.metadata
    for before, cell in zip(found.cells, found.cells[1:], strict=False):
        if cell.cell_type != "code":
            continue
        assert cell.outputs == []
        assert cell.execution_count is None
        assert len(cell.source.splitlines()) <= MOST_LINES_OF_A_CELL
        assert before.cell_type == "markdown" or len(cell.source.splitlines()) == 1, cell.source
        assert set(cell.metadata) == set()


def test_what_was_submitted_is_what_the_frames_hold(demonstration: Stage) -> None:
    change, audit, early = demonstration.ended
    with codybatch.connect(demonstration.home / "demo") as cb:
        jobs = cb.jobs().set_index("job")

        assert sorted(jobs.repository) == sorted([*CHANGED, *AUDITED, "demo-org/invoice-ledger"])
        assert [job.state for job in change.jobs] == ["succeeded"] * 3, repr(change.jobs)
        assert [job.state for job in early.jobs] == ["partial"]
        assert jobs.loc[early.jobs[0].id].ended_because == "turn_limit"
        assert set(jobs.loc[[job.id for job in audit.jobs]].kind) == {"audit"}
        assert set(cb.findings().request) == {audit.id}
        assert jobs.cost_usd.sum() == pytest.approx(cb.costs().cost_usd.sum())
        assert (cb.costs().without_cache_usd.sum()) > jobs.cost_usd.sum()
        assert list(cb.verdicts().job) == [change.jobs[0].id]
        exact = sum(
            (job.record.cost_usd for r in demonstration.ended for job in r.jobs), Decimal(0)
        )
        assert cb.spending("model", since="1d").cost_usd.sum() == pytest.approx(float(exact))


def test_an_estimate_stores_nothing(demonstration: Stage) -> None:
    cb = demonstration.cb
    before = len(cb.requests())

    forecast = cb.estimate(cb.draft("anything", "Replace utcnow()."), CHANGED[:2], job_cost=0.05)

    assert len(forecast.forecast.repositories) == 2
    assert forecast.forecast.job_cap_usd == Decimal("0.05")
    assert CHANGED[0] in repr(forecast)
    assert CHANGED[1] in forecast._repr_html_()
    assert len(cb.requests()) == before


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"effort": "huge"}, "effort takes low, medium"),
        ({"max_turns": 0}, "max_turns takes at least 1"),
        ({"max_cost": 0}, "max_cost takes US dollars above 0, or 'none'; not 0"),
        ({"job_cost": "much"}, "job_cost takes US dollars"),
        ({"existing": "maybe"}, "existing takes update, another or skip"),
        ({"maxcost": 5}, "A request takes no 'maxcost'"),
    ],
)
def test_what_a_request_cannot_be_is_said(
    demonstration: Stage, wishes: dict[str, Any], said: str
) -> None:
    cb = demonstration.cb

    with pytest.raises(UsageError) as refused:
        cb.submit(cb.draft("wrong", "Do it."), CHANGED[0], **wishes)

    assert said in refused.value.message


def test_what_is_refused_leaves_nothing(demonstration: Stage) -> None:
    cb = demonstration.cb
    before = len(cb.requests())

    with pytest.raises(MissingVariable):
        cb.submit(cb.draft("with-variable", "Use {{version}}."), CHANGED[0])
    with pytest.raises(CodyBatchError, match="somebody/else"):
        cb.submit("replace-utcnow", "somebody/else")
    with pytest.raises(UsageError, match="no kind of prompt"):
        cb.draft("x", "Do it.", kind="chore")

    assert len(cb.requests()) == before


def test_the_same_key_submits_once(demonstration: Stage) -> None:
    cb = demonstration.cb
    ask = cb.draft("same", "Replace nothing at all.")

    first, second = (
        cb.submit(ask, CHANGED[0], idempotency_key="once", max_cost="none") for _ in range(2)
    )

    assert first.id == second.id
    assert first.record.budget.cap_usd is None
    first.cancel()
    assert first.wait(progress=False).jobs[0].record.state.is_terminal


def test_an_experiment_is_planned_without_storing_anything(demonstration: Stage) -> None:
    cb = demonstration.cb
    before = len(cb.experiments())

    plan = cb.plan_experiment("replace-utcnow", CHANGED[:2], repetitions=2, budget=3)

    assert (plan.preview.cells, plan.preview.missing) == (4, 4)
    assert plan.preview.experiment.budget_usd == Decimal(3)
    assert "4 cells; 4 to make" in repr(plan)
    assert "replace-utcnow@1" in plan._repr_html_()
    assert len(cb.experiments()) == before
    reading = Workspace(cb.application, allows_changes=False)
    with pytest.raises(PolicyError, match="begin an experiment"):
        reading.plan_experiment("replace-utcnow", CHANGED[:2]).begin()


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ({"metric": "beauty"}, "accepted, rating, correct"),
        ({"budget": 0}, "budget takes US dollars above 0"),
        ({"repetitions": 0}, "repetitions takes"),
        ({"efforts": ["huge"]}, "effort takes low"),
        ({"wishes": 1}, "An experiment takes no 'wishes'"),
    ],
)
def test_what_an_experiment_cannot_be_is_said(
    demonstration: Stage, design: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        demonstration.cb.plan_experiment("replace-utcnow", CHANGED[0], **design)

    assert said in refused.value.message
