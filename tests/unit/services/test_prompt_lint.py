from __future__ import annotations

import pytest

from codybatch.domain.prompts import PromptDraft
from codybatch.services.prompt_lint import hints_for
from codybatch.services.starters import starters

TOKEN = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"


@pytest.mark.parametrize("starter", starters(), ids=[one.name for one in starters()])
def test_no_starter_raises_a_hint(starter: PromptDraft) -> None:
    assert hints_for(starter) == ()


def test_a_secret_is_told_by_its_place_and_never_repeated() -> None:
    text = f"Set the header\nto {TOKEN} in `a.py` only."

    found = hints_for(PromptDraft(name="tried", template=text))

    assert [one.id for one in found] == ["secret-in-text"]
    place = found[0].place
    assert place is not None
    assert (place.line, place.column, place.length) == (2, 4, len(TOKEN))
    assert TOKEN[:12] not in str(found)


def test_no_hint_quotes_a_secret() -> None:
    text = f"Remove `a` only. Download https://dana:{TOKEN}@a.example/b."

    found = hints_for(PromptDraft(name="tried", template=text))

    assert "secret-in-text" in [one.id for one in found]
    assert TOKEN[:12] not in str(found)
