"""The one branch of a lineage, and the words for what is withheld."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.identifiers import JobId
from codybatch.domain.publication import (
    WITHHELD_SENTENCES,
    Publication,
    WithheldReason,
    branch_of_lineage,
)

ROOT = JobId("01jd8x5s0c9v7n2k4m6p8q0r2t-1")


def test_a_branch_says_whose_and_what() -> None:
    branch = branch_of_lineage(ROOT, "R_1", "Pin the actions to a commit")
    assert branch == "cody-batch-pin-the-actions-to-a-commit-99855fd5"


@given(st.text(max_size=300))
def test_a_branch_has_only_safe_characters_whatever_the_title(title: str) -> None:
    branch = branch_of_lineage(ROOT, "R_1", title)
    assert re.fullmatch(r"cody-batch-[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{8}", branch)
    assert len(branch) <= len("cody-batch-") + 40 + len("-12345678")


@pytest.mark.parametrize("title", ["", "   ", "/../", "日本語", "--", "\x00\n"])
def test_a_title_without_letters_still_gives_a_branch(title: str) -> None:
    assert branch_of_lineage(ROOT, "R_1", title).startswith("cody-batch-change-")


def test_a_title_cut_at_a_dash_leaves_no_double_dash() -> None:
    branch = branch_of_lineage(ROOT, "R_1", "a" * 39 + " tail")
    assert "--" not in branch


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_branch_is_a_folder_of_another(one: str, other: str) -> None:
    first, second = branch_of_lineage(ROOT, "R_1", one), branch_of_lineage(ROOT, "R_2", other)
    assert "/" not in first + second
    assert not first.startswith(second + "/")


def test_a_retry_gets_the_same_branch_and_another_lineage_another() -> None:
    branch = branch_of_lineage(ROOT, "R_1", "Same title")
    assert branch == branch_of_lineage(ROOT, "R_1", "Same title")
    assert branch != branch_of_lineage(JobId(ROOT[:-1] + "2"), "R_1", "Same title")
    assert branch != branch_of_lineage(ROOT, "R_2", "Same title")


def test_root_and_repository_cannot_be_shifted_into_each_other() -> None:
    assert branch_of_lineage(JobId("a-1"), "1", "t") != branch_of_lineage(JobId("a-11"), "", "t")


@pytest.mark.parametrize("reason", WithheldReason)
def test_every_reason_to_withhold_has_a_sentence(reason: WithheldReason) -> None:
    assert WITHHELD_SENTENCES[reason].endswith(".")
    assert "\n" not in WITHHELD_SENTENCES[reason]


def test_nothing_published_has_no_address() -> None:
    assert Publication().url is None
