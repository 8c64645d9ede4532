"""``codybatch experiments report``: files in their place at once, the same bytes each time, and
published where a browser finds them.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import Person
from tests.cli_kit import Call, call
from tests.contracts.examples import NOON
from tests.judging_kit import Trial, a_trial
from tests.ui_kit import Gallery

FILES = {"cells.csv", "cells.parquet", "index.html", "report.json", "report.md"}


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """An experiment whose second arm is accepted everywhere and whose first nowhere."""
    gallery = Gallery(tmp_path / "home")
    made = a_trial(gallery, repositories=8)
    for job in made.jobs:
        is_second = job.cell is not None and job.cell.arm == made.experiment.arms[1].key
        decision = Decision.ACCEPT if is_second else Decision.REJECT
        verdict = Verdict(job=job.id, rater=Person("alice"), decision=decision, at=NOON)
        gallery.records.put_verdict(verdict)
    return made


def asked(trial: Trial, *arguments: str) -> Call:
    home = {"CODYBATCH_HOME": str(trial.gallery.home)}
    return call("experiments", "report", *arguments, environment=home)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_all_files_are_written_and_named(trial: Trial, tmp_path: Path) -> None:
    out = tmp_path / "out"

    done = asked(trial, trial.experiment.name, "-o", str(out))

    assert done.status == 0, done.err
    assert str(out) in done.text
    assert {path.name for path in out.iterdir()} == {*FILES, "manifest.json"}
    listed = json.loads((out / "manifest.json").read_text())["files"]
    assert {one["path"]: one["sha256"] for one in listed} == {
        name: digest for name, digest in digests(out).items() if name != "manifest.json"
    }
    page = (out / "index.html").read_text()
    assert "arm 1 is better than arm 0." in page
    assert "+# step-by-step with claude-sonnet-5-5" in page


def test_the_same_command_makes_the_same_bytes_in_the_same_place(
    trial: Trial, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    asked(trial, trial.experiment.id, "-o", str(out))
    before = digests(out)

    done = asked(trial, trial.experiment.id, "-o", str(out))

    assert done.status == 0, done.err
    assert digests(out) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []


def test_a_zip_holds_the_same(trial: Trial, tmp_path: Path) -> None:
    out = tmp_path / "report.zip"

    asked(trial, trial.experiment.id, "-o", str(out), "--format", "md,csv")

    assert set(zipfile.ZipFile(out).namelist()) == {"report.md", "cells.csv", "manifest.json"}


def test_links_lead_to_the_workbench_that_was_named(trial: Trial, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--format", "html", "--no-diffs", "--workbench-url", "http://127.0.0.1:8501/")

    asked(trial, trial.experiment.id, "-o", str(out), *options)

    page = (out / "index.html").read_text()
    assert f'href="http://127.0.0.1:8501/job?id={trial.jobs[0].id}&amp;tab=Diff"' in page
    assert "+# step-by-step" not in page


def test_json_tells_what_was_written_and_published(trial: Trial, tmp_path: Path) -> None:
    out = tmp_path / "out"

    done = asked(trial, trial.experiment.id, "-o", str(out), "--publish", "--json")

    told = done.json
    assert told["experiment"] == trial.experiment.id
    assert told["folder"] == str(out)
    assert {one["name"] for one in told["files"]} == FILES
    shown = Path(unquote(urlsplit(told["address"]).path))
    assert shown.read_bytes() == (out / "index.html").read_bytes()


def test_published_alone_it_is_at_the_workbench_and_kept(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    done = asked(trial, trial.experiment.id, "--publish")

    assert done.status == 0, done.err
    assert f"The workbench shows it at /reports/{trial.experiment.id}/." in done.err
    assert not (tmp_path / "codybatch-report").exists()
    kept = trial.gallery.home / "blobs" / "reports" / trial.experiment.id
    assert len(list(kept.rglob("*~blob"))) == len({*FILES, "manifest.json"})


def test_of_an_experiment_that_is_not_judged_nothing_is_concluded(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "home")
    made = a_trial(gallery)

    done = asked(made, made.experiment.id, "-o", str(tmp_path / "out"))

    assert done.status == 0
    assert "6 jobs are not finished or not judged" in done.err
    assert "Nothing is concluded yet" in (tmp_path / "out" / "index.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing-of-this-name",), "nothing-of-this-name"),
        (("ID", "--format", "docx"), "'docx' is not a valid Format; formats are html, md"),
        (("ID", "--workbench-url", "javascript:x"), "no address of a workbench"),
    ],
)
def test_what_cannot_be_is_refused(trial: Trial, arguments: tuple[str, ...], words: str) -> None:
    given = [trial.experiment.id if one == "ID" else one for one in arguments]

    done = asked(trial, *given)

    assert done.status == 2
    assert words in done.sentence


def test_a_folder_of_other_things_is_left_alone(trial: Trial, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")

    done = asked(trial, trial.experiment.id, "-o", str(tmp_path / "mine"))

    assert done.status == 2
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"
