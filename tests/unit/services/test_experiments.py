"""Experiments are checked when they are set up, take over what exists, and grow by what is new."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from codybatch.domain.cells import CellState
from codybatch.domain.errors import (
    BudgetRefused,
    IdempotencyConflict,
    InvalidExperiment,
    InvalidPrompt,
    InvalidRepository,
    MissingVariable,
    PromptArchived,
    RepositoryNotAllowed,
    UnknownExperiment,
    UnknownModel,
    UnknownPrompt,
)
from codybatch.domain.experiments import ChangeKind, ExperimentState, Metric
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.requests import Effort
from codybatch.domain.states import EndedBecause
from codybatch.services.experiment_form import ArmForm, OptionSet, RepositoryForm
from codybatch.services.experiment_growth import Addition
from codybatch.services.experiment_runs import OTHERS_AGAIN
from tests.contracts.examples import usd
from tests.unit.services.experimenting import COST, Laboratory
from tests.unit.services.still import CHANGE, Still, still

DONE, MISSING = CellState.DONE, CellState.MISSING


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Still]:
    with still(tmp_path_factory.mktemp("still")) as opened:
        yield opened


@pytest.fixture
def lab(s: Still) -> Iterator[Laboratory]:
    laboratory = Laboratory(s)
    yield laboratory
    for experiment in laboratory.service.list():
        laboratory.service.remove(experiment.id)


def save(lab: Laboratory, name: str, *texts: str, kind: Kind = Kind.CHANGE) -> None:
    app = lab.still.world.app
    for text in texts:
        app.prompts.save(PromptDraft(name=name, kind=kind, template=text), app.person)


# setting up


def test_prompts_models_and_options_are_multiplied_into_arms_with_the_shortest_names(
    lab: Laboratory,
) -> None:
    def names(**given: object) -> list[str]:
        return [arm.name for arm in lab.service.growth.arms.of(lab.form("acme/r", **given))]

    low = OptionSet(effort=Effort.LOW)
    few = OptionSet(name="few turns", max_turns=5)
    models = ("claude-sonnet-5-5", "claude-opus-5-5")
    assert names() == ["hints@1", "hints@2"]
    assert names(prompts=("hints",)) == ["hints@2"]
    assert names(prompts=("hints@1",), models=models) == [
        "hints@1 · claude-sonnet-5-5",
        "hints@1 · claude-opus-5-5",
    ]
    assert names(prompts=("hints@1",), option_sets=(low, few)) == [
        "hints@1 · effort low",
        "hints@1 · few turns",
    ]
    assert names(prompts=(), arms=(ArmForm(prompt="hints@1", name="Old"),)) == ["Old"]


def test_a_long_name_of_a_prompt_is_cut_and_its_version_stays(lab: Laboratory) -> None:
    save(lab, "a" * 64, "One.", "Two.")
    model = "claude-sonnet-5-5"
    arms = lab.service.growth.arms.of(
        lab.form(
            "acme/r",
            prompts=(f"{'a' * 64}@1", f"{'a' * 64}@2"),
            models=(model, "claude-opus-5-5"),
        )
    )

    assert len({arm.name for arm in arms}) == 4
    assert all("…@" in arm.name for arm in arms[:1])
    assert all(len(arm.name) <= 80 for arm in arms)


def test_what_is_wrong_is_refused_and_nothing_is_kept(lab: Laboratory) -> None:
    save(lab, "needs", "Do {{this}}.")
    save(lab, "look", "Look.", kind=Kind.AUDIT)
    save(lab, "old", "Old.")
    lab.still.world.app.prompts.archive("old")
    own = lab.still.repository()
    cases: list[tuple[type[Exception], dict[str, object]]] = [
        (UnknownPrompt, {"prompts": ("never-saved",)}),
        (MissingVariable, {"prompts": ("needs",)}),
        (InvalidPrompt, {"variables": {"no_such": "x"}}),
        (PromptArchived, {"prompts": ("old",)}),
        (InvalidExperiment, {"prompts": ()}),
        (InvalidExperiment, {"prompts": ("hints@1", "hints@1")}),
        (InvalidExperiment, {"prompts": ("hints@1", "look")}),
        (InvalidExperiment, {"baseline": "hints@9"}),
        (InvalidExperiment, {"name": "a\x1bb"}),
        (UnknownModel, {"models": ("claude-unheard-of",)}),
        (RepositoryNotAllowed, {"repositories": (RepositoryForm(repository="else/where"),)}),
        (InvalidRepository, {"repositories": ()}),
        (
            InvalidExperiment,
            {"repositories": (RepositoryForm(repository=own, reference="no patch"),)},
        ),
    ]
    for error, given in cases:
        with pytest.raises(error):
            lab.create(**given)
    assert lab.service.list() == ()


def test_each_prompt_takes_the_variables_that_it_uses(lab: Laboratory) -> None:
    save(lab, "needs", "Do {{this}}.")

    experiment = lab.create(prompts=("needs", "hints@1"), variables={"this": "that"})

    assert [arm.variables for arm in experiment.arms] == [{"this": "that"}, {}]


def test_what_is_known_to_be_right_is_kept_with_the_repository(lab: Laboratory) -> None:
    repository = RepositoryForm(
        repository=lab.still.repository(), changes_necessary=True, reference=CHANGED
    )

    (kept,) = lab.create(repositories=(repository,)).repositories

    assert kept.changes_necessary is True
    assert kept.reference is not None
    assert lab.still.world.app.store.blobs.get(kept.reference) == CHANGED.encode()


CHANGED = "diff --git a/README.md b/README.md\n" + CHANGE.decode()


def test_an_experiment_is_found_by_its_id_or_its_name_and_a_name_is_given_once(
    lab: Laboratory,
) -> None:
    experiment = lab.create(name="Hints, all")

    assert lab.service.find("hints,  ALL") == experiment
    assert lab.service.find(experiment.id) == experiment
    with pytest.raises(InvalidExperiment, match="already"):
        lab.create(name="HINTS, all")
    with pytest.raises(UnknownExperiment, match="codybatch experiments list"):
        lab.service.find("hints, some")


def test_one_without_a_name_has_its_arms(lab: Laboratory) -> None:
    assert lab.create(name=" ").name == "hints@1 vs hints@2"


def test_the_same_key_gives_the_same_experiment_also_of_calls_at_once(lab: Laboratory) -> None:
    form = lab.form(idempotency_key="once")
    by = lab.still.world.app.person
    service = lab.service

    with ThreadPoolExecutor(4) as calls:
        made = list(calls.map(lambda _: service.create(form, by), range(4)))

    assert len({one.id for one in made}) == 1
    assert service.create(form, by) == made[0]
    assert len(service.list()) == 1
    with pytest.raises(IdempotencyConflict):
        service.create(form.with_(repetitions=2), by)


# before it runs


def test_a_preview_says_what_is_run_and_what_it_may_cost_and_stores_nothing(
    lab: Laboratory,
) -> None:
    form = lab.form(repetitions=3, budget_usd=usd("0.50"))

    preview = lab.service.preview(form, lab.still.world.app.person)

    assert (preview.cells, preview.existing, preview.missing) == (12, 0, 12)
    assert preview.requests == 6
    assert preview.estimate is not None
    assert preview.estimate.likely_usd == sum(
        estimate.likely_usd for _, _, estimate in preview.by_arm if estimate
    )
    assert any("pass the budget" in notice for notice in preview.notices)
    assert lab.service.list() == ()


def test_one_repository_alone_is_warned_of(lab: Laboratory) -> None:
    form = lab.form(lab.still.repository())

    notices = lab.service.preview(form, lab.still.world.app.person).notices

    assert any("One repository tells of that repository alone" in one for one in notices)


# what exists is not paid for again


def test_cells_of_another_experiment_are_taken_over(lab: Laboratory) -> None:
    names = lab.still.repository(), lab.still.repository()
    first = lab.create(*names, prompts=("hints@1",), repetitions=2)
    lab.run(first)

    preview = lab.service.preview(lab.form(*names, repetitions=2), first.created_by)
    second = lab.create(*names, repetitions=2)
    lab.run(second)

    assert (preview.existing, preview.missing) == (4, 4)
    assert second.reused == (first.id,)
    assert lab.states(second) == {DONE: 8}
    assert [cell.is_reused for cell in lab.cells(second)] == [True] * 4 + [False] * 4
    assert len(list(lab.service.cells.jobs_of(second.id))) == 4
    assert lab.service.standing(lab.now(second)).cost_usd == 4 * COST


def test_nothing_is_taken_over_of_another_commit_model_or_repetition(lab: Laboratory) -> None:
    name = lab.still.repository()
    first = lab.create(name, prompts=("hints@1",))
    lab.run(first)

    def existing(**given: object) -> int:
        form = lab.form(name, **given)
        return lab.service.preview(form, first.created_by).existing

    assert existing() == 1
    assert existing(reuse=False) == 0
    assert existing(models=("claude-opus-5-5",)) == 0
    assert existing(repetitions=3) == 1
    lab.still.world.github.commit(name, {"more.txt": "x\n"})
    assert existing() == 0


def test_what_came_to_nothing_elsewhere_is_made_here(lab: Laboratory) -> None:
    name = lab.still.repository()
    first = lab.create(name, prompts=("hints@1",))
    lab.advance(first)
    lab.end(*lab.running(first), because=EndedBecause.INTERNAL_ERROR)

    second = lab.create(name, prompts=("hints@1",))
    lab.run(second)

    assert lab.states(second) == {DONE: 1}
    assert [cell.is_reused for cell in lab.cells(second)] == [False]


def test_what_still_runs_elsewhere_is_waited_for(lab: Laboratory) -> None:
    name = lab.still.repository()
    first = lab.create(name, prompts=("hints@1",))
    lab.advance(first)
    second = lab.create(name, prompts=("hints@1",))

    waiting = lab.advance(second)
    lab.end(*lab.running(first))
    lab.clock.time += OTHERS_AGAIN
    ended = lab.advance(second)

    assert (waiting.state, ended.state) == (ExperimentState.RUNNING, ExperimentState.ENDED)
    assert lab.requests(second) == []


# growing


def test_an_arm_that_is_added_later_is_all_that_is_run(lab: Laboratory) -> None:
    save(lab, "hints", "Add every hint.")
    experiment = lab.create(repetitions=2)
    lab.run(experiment)
    jobs = {job.id for job in lab.service.cells.jobs_of(experiment.id)}

    form = lab.form("acme/none", prompts=("hints@3",))
    preview = lab.service.preview_addition(experiment.id, Addition(arms=form))
    lab.service.add_arms(experiment.id, form)
    assert lab.run(experiment).state is ExperimentState.ENDED

    new = [job for job in lab.service.cells.jobs_of(experiment.id) if job.id not in jobs]
    assert (preview.missing, preview.requests) == (4, 2)
    assert [arm.name for arm in lab.now(experiment).arms] == ["hints@1", "hints@2", "hints@3"]
    assert {str(job.prompt) for job in new} == {"hints@3"}
    assert len(new) == 4
    assert lab.states(experiment) == {DONE: 12}


def test_repetitions_and_repositories_that_are_added_run_under_every_arm(lab: Laboratory) -> None:
    experiment = lab.create()
    lab.run(experiment)

    lab.service.add_repetitions(experiment.id, 1)
    lab.run(experiment)
    assert lab.states(experiment) == {DONE: 8}
    lab.service.add_repositories(
        experiment.id, [RepositoryForm(repository=lab.still.repository(), changes_necessary=False)]
    )
    lab.run(experiment)

    assert lab.states(experiment) == {DONE: 12}
    assert len(list(lab.service.cells.jobs_of(experiment.id))) == 12
    assert lab.now(experiment).repositories[-1].changes_necessary is False


def test_the_baseline_runs_again_as_an_arm_of_its_own(lab: Laboratory) -> None:
    experiment = lab.create()
    lab.run(experiment)

    lab.service.add_aa(experiment.id)
    lab.service.add_aa(experiment.id)
    lab.run(experiment)

    arms = lab.now(experiment).arms
    assert [arm.name for arm in arms] == ["hints@1", "hints@2", "hints@1 again", "hints@1 again 2"]
    assert [arm.replicate for arm in arms] == [1, 1, 2, 3]
    assert lab.states(experiment) == {DONE: 8}
    assert len({job.id for job in lab.service.cells.jobs_of(experiment.id)}) == 8


def test_what_adds_nothing_or_is_there_already_is_refused(lab: Laboratory) -> None:
    experiment = lab.create()

    with pytest.raises(InvalidExperiment, match="Say what to add"):
        lab.service.add(experiment.id, Addition())
    with pytest.raises(InvalidExperiment, match="ask the same"):
        lab.service.add_arms(experiment.id, lab.form("acme/none", prompts=("hints@1",)))
    named = RepositoryForm(repository=experiment.repositories[0].repository.full_name)
    with pytest.raises(InvalidRepository, match="there already"):
        lab.service.add_repositories(experiment.id, [named])
    assert lab.now(experiment) == experiment


# changing


def test_a_metric_that_is_changed_says_when_it_was_chosen(lab: Laboratory) -> None:
    experiment = lab.create()
    lab.clock.time += timedelta(days=1)

    same = lab.service.change_metric(experiment.id, Metric.ACCEPTED)
    changed = lab.service.change_metric(experiment.id, Metric.COST)

    assert same == experiment
    assert (changed.metric, changed.metric_chosen_at) == (Metric.COST, lab.clock.time)


def test_the_baseline_is_one_of_the_arms(lab: Laboratory) -> None:
    experiment = lab.create(baseline="HINTS@2")

    assert experiment.baseline == "hints@2"
    assert lab.service.set_baseline(experiment.id, "hints@1").baseline == "hints@1"
    with pytest.raises(InvalidExperiment, match="it has hints@1, hints@2"):
        lab.service.set_baseline(experiment.id, "hints@3")


def test_what_is_added_or_compared_otherwise_is_noted_with_the_results_that_were_there(
    lab: Laboratory,
) -> None:
    experiment = lab.create()
    lab.service.add_repetitions(experiment.id, 1)
    lab.advance(experiment)
    lab.end(*lab.running(experiment)[:3])
    lab.clock.time += timedelta(hours=1)

    lab.service.add_repositories(
        experiment.id, [RepositoryForm(repository=lab.still.repository()) for _ in range(2)]
    )
    lab.service.set_baseline(experiment.id, "hints@1")
    lab.service.set_baseline(experiment.id, "hints@2")
    lab.service.add_aa(experiment.id)

    noted = lab.now(experiment).changes
    assert [(one.kind, one.number, one.results) for one in noted] == [
        (ChangeKind.REPETITIONS, 1, 0),
        (ChangeKind.REPOSITORIES, 2, 3),
        (ChangeKind.BASELINE, 1, 3),
        (ChangeKind.BASELINE_AGAIN, 1, 3),
    ]
    assert [one.at - experiment.created_at for one in noted] == [timedelta()] + [
        timedelta(hours=1)
    ] * 3


def test_a_budget_is_no_lower_than_what_was_spent(lab: Laboratory) -> None:
    experiment = lab.create()
    lab.run(experiment)

    with pytest.raises(BudgetRefused, match=r"\$0\.20"):
        lab.service.raise_budget(experiment.id, usd("0.19"))
    assert lab.service.raise_budget(experiment.id, None).budget_usd is None


def test_a_budget_that_comes_later_holds_what_runs_without_one(lab: Laboratory) -> None:
    experiment = lab.create()
    lab.advance(experiment)
    assert lab.now(experiment).reserved_usd == 0

    with pytest.raises(BudgetRefused, match="set aside"):
        lab.service.raise_budget(experiment.id, usd("0.01"))
    changed = lab.service.raise_budget(experiment.id, usd("20"))

    assert changed.reserved_usd > 0
    assert all(one.cap_usd for one in changed.under_way)


def test_a_removed_experiment_is_gone_and_its_jobs_stay(lab: Laboratory) -> None:
    experiment = lab.create()
    lab.run(experiment)

    lab.service.remove(experiment.id)

    with pytest.raises(UnknownExperiment):
        lab.service.remove(experiment.id)
    with pytest.raises(UnknownExperiment):
        lab.service.pause(experiment.id)
    assert len(list(lab.service.cells.jobs_of(experiment.id))) == 4


def test_whoever_follows_an_experiment_lets_it_go_on_until_it_rests(lab: Laboratory) -> None:
    experiment = lab.create(repetitions=2, requests_at_once=1)
    seen = []
    for standing in lab.service.follow(experiment.id):
        seen.append(standing.counts.in_words)
        lab.end(*lab.running(experiment))

    assert seen[0] == "2 running, 6 missing"
    assert seen[-1] == "8 done"
    assert standing.has_ended
