from __future__ import annotations

import re

import pytest

from codybatch.agent.system_prompt import prompt_version, system_blocks, system_text
from codybatch.domain.prompts import Kind


@pytest.mark.parametrize("kind", Kind)
def test_the_text_is_as_long_as_a_prompt_should_be(kind: Kind) -> None:
    assert 2_400 < len(system_text(kind)) < 5_000


@pytest.mark.parametrize("kind", Kind)
def test_the_text_says_what_counts_as_an_instruction_and_how_to_end(kind: Kind) -> None:
    text = system_text(kind)

    for words in ("<task>", "<untrusted>", "<notice>", "finish", "Nobody"):
        assert words in text


@pytest.mark.parametrize("kind", [Kind.AUDIT, Kind.ASK])
def test_a_kind_that_only_reads_is_told_of_no_tool_that_changes(kind: Kind) -> None:
    assert not re.search(r"edit_file|write_file|delete_file|move_file", system_text(kind))


@pytest.mark.parametrize("kind", Kind)
def test_the_one_block_carries_a_cache_marker(kind: Kind) -> None:
    (block,) = system_blocks(kind)

    assert block["cache_control"] == {"type": "ephemeral"}
    assert block["text"] == system_text(kind)


def test_every_kind_has_a_version_of_its_own() -> None:
    assert len({prompt_version(kind) for kind in Kind}) == len(Kind)
    assert re.fullmatch(r"change-[0-9a-f]{12}", prompt_version(Kind.CHANGE))
