"""An experiment in a file is read into its form; what is wrong is named by line and key."""

from __future__ import annotations

import json
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import InvalidExperiment
from codybatch.domain.experiments import Metric
from codybatch.domain.publication import PublishMode
from codybatch.domain.requests import Effort, RequestOptions
from codybatch.services.experiment_files import ExperimentFile, form_from_file

OPTIONS = RequestOptions(model="claude-sonnet-5-5", publish=PublishMode.DRAFT)
PAGE = Path(__file__).parents[3] / "docs" / "experiments.md"
WRITTEN = """
name = "Hints"
prompts = ["hints@1", "hints@2"]
repositories = ["acme/a", { repository = "acme/b@main", changes_necessary = true }]
"""


def read(folder: Path, text: str, name: str = "hints.toml", **given: Any) -> Any:
    path = folder / name
    path.write_text(text)
    return form_from_file(path, OPTIONS, given)


def test_a_file_holds_what_the_form_does(tmp_path: Path) -> None:
    form = read(
        tmp_path,
        WRITTEN
        + """
question = "Which?"
repetitions = 3
metric = "cost"
budget_usd = 12.5
reuse = false
models = ["one", "two"]

[variables]
place = "here"

[options]
max_turns = 7
job_cost_cap_usd = "none"

[[option_sets]]
effort = "low"
""",
    )

    assert (form.name, form.question, form.repetitions) == ("Hints", "Which?", 3)
    assert (form.metric, form.budget_usd, form.reuse) == (Metric.COST, Decimal("12.5"), False)
    assert form.options.max_turns == 7
    assert form.options.job_cost_cap_usd is None
    assert form.options.publish is PublishMode.NONE
    assert form.option_sets[0].effort is Effort.LOW
    assert form.variables == {"place": "here"}
    assert [one.repository for one in form.repositories] == ["acme/a", "acme/b@main"]
    assert [one.changes_necessary for one in form.repositories] == [None, True]


def test_json_is_read_like_toml(tmp_path: Path) -> None:
    toml = read(tmp_path, WRITTEN)

    assert read(tmp_path, json.dumps(tomllib.loads(WRITTEN)), "hints.json") == toml


def test_what_is_given_beside_a_file_takes_its_place(tmp_path: Path) -> None:
    form = read(tmp_path, WRITTEN, name="hints.toml", repetitions=5, prompts=("other@1",))

    assert (form.repetitions, form.prompts) == (5, ("other@1",))


def test_a_reference_is_read_from_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "b.patch").write_text("diff --git a/b b/b\n")
    entry = 'repositories = [{ repository = "acme/b", reference = "b.patch" }]'

    (repository,) = read(tmp_path, f'prompts = ["hints"]\n{entry}').repositories

    assert repository.reference == "diff --git a/b b/b\n"
    with pytest.raises(InvalidExperiment, match=r"c\.patch.*No such file"):
        read(tmp_path, entry.replace("b.patch", "c.patch"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nprompts = [}", r"hints\.toml is not TOML: .*line 2"),
        ('\nnmae = "x"', r"hints\.toml, line 2: there is no key 'nmae'. The keys are name, "),
        ("repetitions = 0", r"line 1: repetitions takes at least 1"),
        ('\n\nmetric = "luck"', r"line 3: metric takes accepted, rating"),
        ('repositories = [{ repo = "a/b" }]', r"no key 'repositories\[1\]\.repo'"),
        ("repositories = [7]", r"repositories\[1\] takes"),
        ('[options]\nmax_turns = "x"', r"line 1: options\.max_turns takes a whole number"),
        ('[[arms]]\nprompt = "a"\nsize = 1', r"there is no key 'arms\[1\]\.size'"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidExperiment, match=said):
        read(tmp_path, text)


def test_json_that_is_none_is_named_by_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidExperiment, match=r"hints\.json is not JSON: .*line 2"):
        read(tmp_path, '{\n"name": }', "hints.json")
    with pytest.raises(InvalidExperiment, match="not an object"):
        read(tmp_path, "[]", "hints.json")


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidExperiment, match="No such file"):
        form_from_file(tmp_path / "none.toml", OPTIONS)
    (tmp_path / "latin.toml").write_bytes(b'\nname = "\xe9"')
    with pytest.raises(InvalidExperiment, match=r"latin\.toml, line 2: this is not UTF-8"):
        form_from_file(tmp_path / "latin.toml", OPTIONS)


def test_the_documentation_names_every_key_and_its_example_is_one(tmp_path: Path) -> None:
    page = PAGE.read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "service-b.patch").write_text("diff --git a/b b/b\n")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]

    assert read(tmp_path, example).budget_usd == 20
    named = set(re.findall(r"`(\w+)`", "".join(rows)))
    assert named == set(ExperimentFile.model_fields)
