"""``verdicts agreement`` and ``verdicts import``: what several people think, and from files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.findings import Decision
from codybatch.domain.prompts import Kind
from codybatch.services.verdict_reasons import VerdictReasons
from tests.cli_kit import Call, call
from tests.judging_kit import Trial, a_trial
from tests.ui_kit import Gallery

HEAD = "job,rater,decision,rating,reasons,comment,blind\n"


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    gallery = Gallery(tmp_path / "home")
    yield a_trial(gallery, arms=2, repositories=2)
    gallery.close()


def verdicts(trial: Trial, *arguments: str, stdin: bytes = b"") -> Call:
    environment = {"CODYBATCH_HOME": str(trial.gallery.home), "CODYBATCH_PERSON": "dana"}
    return call("verdicts", *arguments, environment=environment, stdin=stdin)


def sheet(trial: Trial, *lines: str) -> bytes:
    """A sheet; ``{0}`` and so on stand for the trial's jobs."""
    jobs = [job.id for job in trial.jobs]
    return (HEAD + "\n".join(lines).format(*jobs)).encode()


def test_a_sheet_counts_as_its_raters_verdicts(trial: Trial, tmp_path: Path) -> None:
    file = tmp_path / "bob.csv"
    file.write_bytes(sheet(trial, "{0},bob,accept,4,,Fine.,yes", "{1},bob,reject,,style;wrong,,"))

    done = verdicts(trial, "import", str(file))

    assert (done.status, done.text) == (0, "Stored 2 verdicts.\n"), done.err
    (given,) = trial.gallery.records.verdicts(trial.jobs[0].id)
    assert (given.rater, given.rating, given.comment, given.blind) == ("bob", 4, "Fine.", True)
    (given,) = trial.gallery.records.verdicts(trial.jobs[1].id)
    assert given.reasons == ("style", "wrong")
    again = verdicts(trial, "import", str(file))
    assert again.text == "Stored 0 verdicts. 2 were stored already.\n"


def test_a_sheet_with_a_wrong_line_is_refused_whole(trial: Trial) -> None:
    done = verdicts(
        trial, "import", "-", stdin=sheet(trial, "{0},bob,accept,,,,", "{1},bob,maybe,,,,")
    )

    assert done.status == 2
    assert "Nothing was stored." in done.err
    assert "Line 3: A decision is accept or reject; not 'maybe'." in done.err
    assert trial.gallery.records.verdicts(trial.jobs[0].id) == ()


def test_a_verdict_is_replaced_where_that_is_asked_for(trial: Trial) -> None:
    verdicts(trial, "import", "-", stdin=sheet(trial, "{0},bob,accept,,,,"))
    other = sheet(trial, "{0},bob,reject,,,,")

    assert verdicts(trial, "import", "-", stdin=other).status == 2
    done = verdicts(trial, "import", "-", "--replace", "--json", stdin=other)

    assert done.json == {"stored": 1, "replaced": 1, "unchanged": 0}


def test_a_file_that_is_not_there_or_no_text_is_said_so(trial: Trial, tmp_path: Path) -> None:
    assert "cannot be read" in verdicts(trial, "import", str(tmp_path / "no.csv")).sentence
    assert "no UTF-8 text" in verdicts(trial, "import", "-", stdin=b"\xff\xfe").sentence


def test_agreement_is_shown_with_where_people_differ(trial: Trial) -> None:
    one, two, three, _ = trial.jobs
    for job, danas, bobs in ((one, "accept", "accept"), (two, "accept", "reject")):
        trial.gallery.judge(job, "dana", Decision(danas), rating=4)
        trial.gallery.judge(job, "bob", Decision(bobs))
    trial.gallery.judge(three, "bob", Decision.REJECT)

    by_name = verdicts(trial, "agreement", trial.experiment.name)
    by_id = verdicts(trial, "agreement", trial.experiment.id, "--json")

    assert by_name.status == 0, by_name.err
    assert (
        "2 people have judged 3 jobs; 2 of them were judged by two or more, who agree on 1 and "
        "disagree on 1."
    ) in by_name.text
    row = by_name.text.splitlines()[-1]
    assert row.split("\t") == [
        two.id,
        two.repository.full_name,
        f"{two.prompt.name}@{two.prompt.version}",
        "bob reject, dana accept 4",
    ]
    found = by_id.json
    assert (found["judged"], found["shared"], found["sameShare"]) == (3, 2, 0.5)
    assert found["decisions"]["measure"] == "cohenKappa"
    assert [one["job"] for one in found["differ"]] == [two.id]
    assert found["ratings"]["reason"]


def test_agreement_of_a_request_and_of_nothing(trial: Trial) -> None:
    request = trial.jobs[0].request

    assert "Nobody has judged any" in verdicts(trial, "agreement", request).text
    done = verdicts(trial, "agreement", "nonsense")
    assert done.status == 2
    assert "neither an experiment nor a request 'nonsense'" in done.sentence
    assert verdicts(trial, "agreement", "0" * 26).status == 2


def test_the_reasons_are_listed_by_kind_as_people_changed_them(trial: Trial) -> None:
    VerdictReasons(trial.gallery.records, ()).keep(["off topic"], {Kind.AUDIT: ["false alarm"]}, 0)

    found = verdicts(trial, "reasons", "--json").json

    assert found == {"change": ["off topic"], "audit": ["false alarm"], "ask": ["off topic"]}
    assert "audit\tfalse alarm" in verdicts(trial, "reasons").text.splitlines()


def test_three_raters_have_an_alpha(trial: Trial) -> None:
    for rater, decision in (("a", "accept"), ("b", "accept"), ("c", "reject")):
        for job in trial.jobs:
            trial.gallery.judge(job, rater, Decision(decision), rating=3)

    found = verdicts(trial, "agreement", trial.experiment.id, "--json").json

    assert found["decisions"]["measure"] == "krippendorffAlpha"
    assert found["ratings"]["measure"] is None
