"""``codybatch judge``: a line a job, from a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.cli.judge import read_verdict
from codybatch.domain.errors import UsageError
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import Person
from codybatch.services.blind import HIDDEN, Reveals
from codybatch.services.to_judge import Scope, ToJudge
from tests.cli_kit import Call, call
from tests.judging_kit import MODELS, PROMPTS, Trial, a_trial
from tests.ui_kit import Gallery

DANA = Person("dana")


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    gallery = Gallery(tmp_path / "home")
    yield a_trial(gallery, arms=2, repositories=2)
    gallery.close()


def judge(trial: Trial, *arguments: str, says: str) -> Call:
    environment = {"CODYBATCH_HOME": str(trial.gallery.home), "CODYBATCH_PERSON": DANA}
    return call(
        *("judge", trial.experiment.id, *arguments), environment=environment, stdin=says.encode()
    )


def given(trial: Trial) -> list[Verdict]:
    return [one for job in trial.jobs for one in trial.gallery.records.verdicts(job.id)]


def test_each_line_is_stored_at_once_and_what_was_skipped_is_counted(trial: Trial) -> None:
    done = judge(trial, says="a 5\nx 2 style; too large # No.\ns\nq\n")

    first, second = given(trial)
    assert (first.decision, first.rating, first.blind) == (Decision.ACCEPT, 5, False)
    assert (second.decision, second.reasons) == (Decision.REJECT, ("style", "too large"))
    assert second.comment == "No."
    assert done.status == 0
    assert done.text.splitlines()[-1] == "Judged 2 of 4. 2 were not."
    assert f"{PROMPTS[0]}@1 · {MODELS[0]}" in done.text
    assert "Judged 2 of 2." in judge(trial, says="a\na\n").text
    assert "Nothing to judge." in judge(trial, says="").text


def test_blind_nothing_tells_what_made_a_job(trial: Trial) -> None:
    of = Scope(experiment=trial.experiment.id)
    order = ToJudge(trial.gallery.records).line(of, DANA, blind=True).jobs

    done = judge(trial, "--blind", says="a\na\nx\nx\n")

    assert not [name for name in (*PROMPTS, *MODELS, "Compare") if name in done.text]
    assert f"+# {HIDDEN} with {HIDDEN}" in done.text
    assert all(one.blind for one in given(trial))
    accepted = [one.job for one in given(trial) if one.decision is Decision.ACCEPT]
    assert set(accepted) == {job.id for job in order[:2]}


def test_what_one_was_shown_elsewhere_is_not_judged_blind(trial: Trial) -> None:
    seen = trial.jobs[0]
    Reveals(trial.gallery.records).note(DANA, seen.id)

    judge(trial, "--blind", says="a\na\na\na\n")

    assert [one.job for one in given(trial) if not one.blind] == [seen.id]


def test_one_goes_back_takes_back_and_is_told_what_was_wrong(trial: Trial) -> None:
    done = judge(trial, says="u\nmaybe\na 9\nx ugly\n?\nr\nd\na\nu\nx\nb\na\n")

    assert "The job before has no verdict of this sitting." in done.text
    assert "'maybe' is no answer." in done.text
    assert "A rating is a number from 1 (bad) to 5 (good), not 9." in done.text
    assert "'ugly' is none of the reasons" in done.text
    assert "wrong; incomplete; too large" in done.text
    (verdict,) = given(trial)
    assert verdict.decision is Decision.ACCEPT


def test_what_others_judged_is_left_out_where_that_is_asked_for(trial: Trial) -> None:
    for job in trial.jobs[:3]:
        trial.gallery.judge(job, "bob", Decision.ACCEPT)

    assert "Judged 1 of 1." in judge(trial, "--raters", "1", says="a\n").text


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ("a", (Decision.ACCEPT, None, (), "")),
        ("x 3", (Decision.REJECT, 3, (), "")),
        ("x too large", (Decision.REJECT, None, ("too large",), "")),
        ("a  4  wrong ;; style # see #7", (Decision.ACCEPT, 4, ("wrong", "style"), "see #7")),
        ("a # 5", (Decision.ACCEPT, None, (), "5")),
    ],
)
def test_a_verdict_on_one_line(answer: str, read: object) -> None:
    assert read_verdict(answer) == read


@pytest.mark.parametrize("answer", ["accept", "5", "# no", "ax"])
def test_what_is_no_verdict_is_refused(answer: str) -> None:
    with pytest.raises(UsageError, match="is no answer"):
        read_verdict(answer)
