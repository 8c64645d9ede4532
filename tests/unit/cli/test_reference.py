"""The pages of reference say what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from codybatch.cli.reference import pages
from codybatch.settings import Settings

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", pages())
def test_the_page_is_what_the_code_makes_of_it(name: str) -> None:
    assert (DOCS / name).read_text() == pages()[name], "run `make docs`"


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_what_only_engines_start_is_not_on_the_page() -> None:
    page = pages()["commands.md"]

    assert "## codybatch jobs patch" in page
    assert "## codybatch worker" not in page
    assert "## codybatch dispatcher run" not in page
