"""Removing a stage: asked for, with what stays, and never what a stage is to keep."""

from __future__ import annotations

import io

import pytest

from infra.removal import STACKS, main, stacks_to_remove
from infra.stages import STAGES, stage_named
from tests.infra_kit import Deployment


def test_all_that_is_deployed_is_known(deployment: Deployment) -> None:
    assert set(STACKS) == deployment.templates.keys()


def test_a_stack_goes_before_what_it_stands_on(deployment: Deployment) -> None:
    for position, stack in enumerate(STACKS):
        written = str(deployment.templates[stack])
        used = {
            name for name in STACKS if f"codybatch-{deployment.stage}-{name}:Exports" in written
        }
        assert not used & set(STACKS[:position]), stack


def test_prod_keeps_what_holds_something(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prod"], io.StringIO("prod\n")) == 0

    said = capsys.readouterr()
    going = said.out.split()
    assert going == [
        f"codybatch-prod-{name}" for name in STACKS if name not in {"data", "secrets", "site"}
    ]
    assert "Kept: the table" in said.err


def test_dev_goes_whole_and_says_that_all_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dev"], io.StringIO("dev\n")) == 0

    said = capsys.readouterr()
    assert len(said.out.split()) == len(STACKS)
    assert "Everything in it is lost" in said.err


@pytest.mark.parametrize("answer", ["", "\n", "yes\n", "prod\n", "DEV\n"])
def test_any_other_answer_removes_nothing(answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dev"], io.StringIO(answer)) == 1
    assert capsys.readouterr().out == ""


def test_stacks_that_are_kept_cannot_be_deleted_by_mistake_either() -> None:
    for name in STAGES:
        stage = stage_named(name)
        kept = set(STACKS) - {
            each.removeprefix(f"{stage.prefix}-") for each in stacks_to_remove(stage)
        }
        assert bool(kept) == stage.keeps_data
