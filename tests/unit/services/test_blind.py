"""Judging blind: the order, and what is taken out of texts."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import pytest

from codybatch.domain.identifiers import ExperimentId, JobId, Person
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import PromptRef
from codybatch.domain.requests import ExperimentCell
from codybatch.services.blind import HIDDEN, Mask, Telling, place_name, seed_of, shuffled, telling
from tests.contracts.examples import a_request, jobs_of

SEED = seed_of(Person("dana"), "e1")
EXPERIMENT = ExperimentId("0" * 26)


def arm_of(job: Job) -> str:
    assert job.cell
    return job.cell.arm


def jobs(**counts: int) -> list[Job]:
    """So many jobs of each arm, arm after arm."""
    (job,) = jobs_of(a_request())
    return [
        job.with_(
            id=JobId(f"{job.request}-{number}{place:02}"),
            cell=ExperimentCell(experiment=EXPERIMENT, arm=arm, repetition=1),
        )
        for place, (arm, count) in enumerate(counts.items())
        for number in range(1, count + 1)
    ]


def named(prompt: str, model: str = "claude-opus-4-7-20260101", title: str = "Title") -> Job:
    (job,) = jobs_of(a_request())
    return job.with_(prompt=PromptRef(name=prompt, version=3), model=model, request_title=title)


def test_an_order_is_the_same_each_time_whatever_order_the_jobs_come_in() -> None:
    given = jobs(a=20, b=20)

    assert shuffled(given, SEED) == shuffled(given[::-1], SEED)
    assert sorted(one.id for one in shuffled(given, SEED)) == sorted(one.id for one in given)


def test_another_person_and_another_experiment_have_another_order() -> None:
    given = jobs(a=20, b=20)
    orders = {
        shuffled(given, seed_of(Person(person), of)) for person in ("dana", "bob") for of in "ef"
    }

    assert len(orders) == 4
    assert tuple(given) not in orders


def test_arms_of_one_size_take_turns_block_by_block() -> None:
    order = [arm_of(one) for one in shuffled(jobs(a=30, b=30, c=30), SEED)]

    blocks = [tuple(order[begin : begin + 3]) for begin in range(0, 90, 3)]
    assert all(sorted(block) == ["a", "b", "c"] for block in blocks)
    assert len(set(blocks)) > 3  # no fixed turn


def test_a_smaller_arm_is_spread_over_the_whole_order() -> None:
    order = [arm_of(one) for one in shuffled(jobs(big=80, small=8), SEED)]

    for quarter in range(4):
        assert Counter(order[22 * quarter : 22 * (quarter + 1)])["small"] in {1, 2, 3}
    assert max(len(list(run)) for arm, run in groupby(order) if arm == "small") <= 2


def test_a_place_has_a_name_that_is_not_the_jobs() -> None:
    given = jobs(a=50)
    names = {place_name(SEED, one.id) for one in given}

    assert len(names) == 50
    assert not any(one.request in name for one in given for name in names)
    assert place_name(SEED, given[0].id) != place_name(seed_of(Person("bob"), "e1"), given[0].id)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Made by replace-utcnow v3", f"Made by {HIDDEN}"),
        ("the Replace UTCNOW prompt; replace_utcnow.", f"the {HIDDEN} prompt; {HIDDEN}."),
        ("I, claude-opus-4-7-20260101, did", f"I, {HIDDEN}, did"),
        ("I am Claude Opus 4.7 today", f"I am {HIDDEN} today"),
        ("by Opus", f"by {HIDDEN}"),
        ("by Claude", "by Claude"),
        ("octopus magnum-opuses replaces utcnow", "octopus magnum-opuses replaces utcnow"),
        ("Be aware of time zones!", f"{HIDDEN}!"),
    ],
)
def test_names_are_hidden_however_their_parts_are_joined(text: str, masked: str) -> None:
    mask = Mask(telling([named("replace-utcnow", title="Be aware of time zones")]))

    assert mask.hide(text) == masked
    assert mask.hidden == masked.count(HIDDEN)


def test_a_name_that_stands_in_every_text_by_chance_is_left_alone() -> None:
    mask = Mask(telling([named("fix", model="m", title="a")]))

    assert mask.hide("a fix of m") == "a fix of m"
    assert mask.hidden == 0


def test_names_of_all_arms_are_hidden_in_each() -> None:
    mask = Mask(telling([named("plain-words"), named("step-by-step", model="claude-haiku-5")]))

    assert mask.hide("plain words, not step by step, nor haiku") == (
        f"{HIDDEN}, not {HIDDEN}, nor {HIDDEN}"
    )


def test_markup_in_a_name_is_no_pattern() -> None:
    mask = Mask(telling([named("a.*b(c", title=".*")]))

    assert mask.hide("anything at all") == "anything at all"


@pytest.mark.parametrize("written", ["hints@2", "hints v2", "Hints, version 2", "hints (v. 2"])
def test_the_version_behind_a_name_is_hidden_with_it(written: str) -> None:
    mask = Mask(Telling(frozenset({"hints"})))

    assert mask.hide(f"As {written} says, 3 files.") == f"As {HIDDEN} says, 3 files."
    assert mask.hide("hints vary in 2 ways") == f"{HIDDEN} vary in 2 ways"
