"""Which jobs wait for a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.errors import NotFound
from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import Person, RequestId
from codybatch.domain.states import EndedBecause, JobState
from codybatch.services.to_judge import ToJudge
from tests.ui_kit import DIFF, Gallery

DANA, BOB = Person("dana"), Person("bob")


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


def test_what_ended_with_a_result_waits_until_one_has_judged_it_oneself(gallery: Gallery) -> None:
    one, two, lost = gallery.request_of(
        ("acme/one", {"patch": DIFF}),
        ("acme/two", {"patch": DIFF}),
        ("acme/lost", {"state": JobState.FAILED, "because": EndedBecause.INTERNAL_ERROR}),
    )
    gallery.judge(one, "bob", Decision.ACCEPT)
    gallery.judge(two, "dana", Decision.REJECT)
    to_judge = ToJudge(gallery.records)

    assert [job.id for job in to_judge.of_request(one.request, DANA)] == [one.id]
    assert [job.id for job in to_judge.of_request(one.request, BOB)] == [two.id]
    assert to_judge.still_at_work(lost.request) == 0


def test_a_job_at_work_is_none_to_judge_yet(gallery: Gallery) -> None:
    job = gallery.running()
    to_judge = ToJudge(gallery.records)

    assert to_judge.of_request(job.request, DANA) == ()
    assert to_judge.still_at_work(job.request) == 1


def test_without_a_request_it_is_what_nobody_judged(gallery: Gallery) -> None:
    one, two = gallery.request_of(("acme/one", {"patch": DIFF}), ("acme/two", {"patch": DIFF}))
    gallery.judge(one, "bob", Decision.ACCEPT)
    gallery.running()
    to_judge = ToJudge(gallery.records)

    assert [job.id for job in to_judge.of_all()] == [two.id]
    assert to_judge.still_at_work(None) == 1


def test_a_request_that_does_not_exist_is_refused(gallery: Gallery) -> None:
    with pytest.raises(NotFound):
        ToJudge(gallery.records).of_request(RequestId("0" * 26), DANA)
