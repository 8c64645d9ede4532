from __future__ import annotations

import tomllib
from pathlib import Path

from codybatch.domain.requests import RequestOptions
from codybatch.services.experiment_files import form_from_file
from codybatch.services.prompt_files import draft_of
from codybatch.services.prompt_lint import hints_for
from codybatch.standins.experiment import NAME, PROMPTS, REPOSITORIES, is_necessary, write_files


def test_the_files_describe_an_experiment_that_can_be_run(tmp_path: Path) -> None:
    file = write_files(tmp_path)

    form = form_from_file(file, RequestOptions(model="any"))

    assert (form.name, form.prompts, form.repetitions) == (NAME, PROMPTS, 5)
    assert [one.repository for one in form.repositories] == list(REPOSITORIES)
    for one in form.repositories:
        assert one.changes_necessary is is_necessary(one.repository)
        assert (one.reference is not None) is is_necessary(one.repository)
    assert form.budget_usd is not None


def test_some_of_the_prompts_are_written_alone(tmp_path: Path) -> None:
    file = write_files(tmp_path, PROMPTS[:2], repetitions=1)

    written = tomllib.loads(file.read_text())
    assert (written["prompts"], written["repetitions"]) == (list(PROMPTS[:2]), 1)
    found = sorted(one.stem for one in (tmp_path / "prompts").iterdir())
    assert found == sorted(PROMPTS[:2])


def test_the_prompts_can_be_saved_and_the_better_ones_give_no_hint(tmp_path: Path) -> None:
    write_files(tmp_path)

    for name in PROMPTS:
        draft = draft_of((tmp_path / "prompts" / f"{name}.md").read_text(), name)
        draft.check_variables()
        assert draft.description
        if name != PROMPTS[0]:
            assert hints_for(draft) == ()
