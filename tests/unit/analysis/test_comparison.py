"""Two prompts compared in a notebook: from a store with jobs and verdicts to the numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from codybatch.analysis.display.comparison import comparison_html, comparison_text
from codybatch.analysis.display.sheet import MOST_BYTES, MOST_TEXT
from codybatch.analysis.statistics.answers import Interval, PValue
from codybatch.analysis.workspace import Workspace
from codybatch.domain.errors import UnknownPrompt, UsageError
from codybatch.domain.identifiers import job_id
from codybatch.domain.states import EndedBecause, JobState
from tests.report_kit import (
    ACCEPT,
    REJECT,
    a_material,
    a_ref,
    a_verdict,
    an_arm,
    an_ended,
    judged,
    reported,
    run,
    run_the_oracle,
)
from tests.statistics_kit import A_ACCEPTED, B_ACCEPTED, REPETITIONS, named, said
from tests.ui_kit import AWKWARD, SECRET, Gallery

EXACT = 1e-9


def test_the_worked_example_in_a_store_comes_to_what_scipy_says(
    gallery: Gallery, cb: Workspace
) -> None:
    run_the_oracle(gallery)

    compared = cb.compare("hints@1", "hints@2")

    differences = (np.array(B_ACCEPTED) - np.array(A_ACCEPTED)) / REPETITIONS
    effect = said(compared.comparison.effect)
    assert effect.value == pytest.approx(differences.mean(), abs=EXACT)
    t_test = stats.ttest_1samp(differences, 0)
    bounds = t_test.confidence_interval(0.95)
    assert isinstance(effect.interval, Interval)
    assert effect.interval.low == pytest.approx(bounds.low, abs=EXACT)
    assert effect.interval.high == pytest.approx(bounds.high, abs=EXACT)
    flipped = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=2**12
    )
    assert isinstance(effect.p, PValue)
    assert effect.p.value == pytest.approx(flipped.pvalue, abs=EXACT)
    (t,) = [one for one in effect.checks if one.method == "paired t"]
    assert t.value == pytest.approx(t_test.pvalue, abs=EXACT)
    assert compared.sentence == (
        "hints@2 was accepted 25 points more often than hints@1, 95 % interval 5 to 45 (p = 0.047)."
    )


def test_the_frame_has_a_row_a_repository_the_worst_first(gallery: Gallery, cb: Workspace) -> None:
    run_the_oracle(gallery)

    frame = cb.compare("hints@1", "hints@2").frame

    assert len(frame) == 12
    by_name = frame.set_index("repository")
    assert by_name.loc[named(1), "a_accepted"] == A_ACCEPTED[1]
    assert by_name.loc[named(1), "b_accepted"] == B_ACCEPTED[1]
    assert list(frame["difference"]) == sorted(frame["difference"])
    assert frame["difference"].mean() == pytest.approx(0.25)
    assert list(frame["standing"].value_counts().sort_index()) == [1, 7, 4, 0]


def test_requests_and_lists_of_them_are_compared_as_prompts_are(
    gallery: Gallery, cb: Workspace
) -> None:
    of_a, of_b = run_the_oracle(gallery)

    by_prompt = cb.compare("hints@1", "hints@2")
    by_list = cb.compare(list(of_a), [cb.request(one) for one in of_b])

    assert by_list.comparison == by_prompt.comparison
    one_each = cb.compare(of_a[0], of_b[0])
    assert said(one_each.comparison.effect).method == "Newcombe"
    assert "One repetition each" in " ".join(one_each.cautions)


def test_regressions_and_improvements_name_a_job_of_each_that_shows_it(
    gallery: Gallery, cb: Workspace
) -> None:
    run_the_oracle(gallery)

    compared = cb.compare("hints@1", "hints@2")
    worse, better = compared.regressions(), compared.improvements()

    assert len(worse) == 1
    assert len(better) == 7
    first = worse.iloc[0]
    assert (first["a_outcome"], first["b_outcome"]) == ("accepted", "rejected")
    assert cb.job(first["a_job"]).repository == first["repository"]
    assert cb.job(first["b_job"]).record.prompt.version == 2


def test_what_it_takes_to_show_a_difference_is_told(gallery: Gallery, cb: Workspace) -> None:
    run_the_oracle(gallery)

    power = cb.compare("hints@1", "hints@2").power(delta=0.10)

    assert said(power.repositories).repositories > 12
    assert "To show a difference of 10 points" in repr(power)
    assert "10 points" in power._repr_html_()
    with pytest.raises(UsageError, match="delta is a number between 0 and 1"):
        cb.compare("hints@1", "hints@2").power(delta=10)


def test_it_shows_as_text_and_as_html_that_holds_nothing_of_others(
    gallery: Gallery, cb: Workspace
) -> None:
    hostile = {"title": f"{AWKWARD} {SECRET} <script>alert(1)</script>"}
    for version, decision in ((1, REJECT), (2, ACCEPT)):
        run(gallery, f"update@{version}", {named(at): decision for at in range(7)}, **hostile)

    compared = cb.compare("update@1", "update@2")
    text, html = repr(compared), compared._repr_html_()

    assert "update@2 is better than update@1." in text
    assert "update@2 is better than update@1." in html
    assert "<svg" in html
    assert "<details>" in html
    assert "<script" not in html
    assert "//" not in html.replace("http://www.w3.org/2000/svg", "")
    assert len(html.encode()) < MOST_BYTES
    frame = compared.improvements()
    assert SECRET not in frame.to_csv()
    assert SECRET not in html + text


def test_the_whole_report_is_written_by_the_ending_of_its_file(
    gallery: Gallery, cb: Workspace, tmp_path: Path
) -> None:
    run_the_oracle(gallery)
    compared = cb.compare("hints@1", "hints@2")

    page = compared.report(tmp_path / "out.html").read_text()
    folder = compared.report(tmp_path / "all")

    assert "hints@2 is better than hints@1." in page
    assert "95 % interval 5 to 45" in page
    assert "timezone.utc" in page  # the diffs of where they disagree
    assert len(list(folder.iterdir())) == 5
    assert compared.report(tmp_path / "again.html").read_text() == page
    with pytest.raises(UsageError, match=r"'out.pdf' is no report: end it in .html"):
        compared.report(tmp_path / "out.pdf")


def test_costs_are_compared_as_a_ratio(gallery: Gallery, cb: Workspace) -> None:
    for version, cost in ((1, "0.50"), (2, "1.00")):
        decisions = {named(at): ACCEPT for at in range(7)}
        run(gallery, f"update@{version}", decisions, cost_usd=cost)

    compared = cb.compare("update@1", "update@2", metric="cost")

    assert said(compared.comparison.effect).value == pytest.approx(2)
    assert "2.00 times as much as update@1" in compared.sentence
    assert compared.plot().rows[0][1] == "2.00 x"


def test_repositories_of_one_owner_can_count_as_one(gallery: Gallery, cb: Workspace) -> None:
    for version, decision in ((1, REJECT), (2, ACCEPT)):
        run(gallery, f"update@{version}", {named(at): decision for at in range(7)})

    compared = cb.compare("update@1", "update@2", by="owner")

    assert compared.contents.setup.clustered_by_owner
    assert compared.contents.upshot.winner is None


def test_while_jobs_run_nothing_is_concluded(gallery: Gallery, cb: Workspace) -> None:
    decisions = {named(at): ACCEPT for at in range(7)}
    run(gallery, "update@1", dict.fromkeys(decisions, REJECT))
    run(gallery, "update@2", decisions)
    gallery.begun(gallery.request(named(0), prompt=a_ref(gallery, "update@2"))[0])

    compared = cb.compare("update@1", "update@2")

    assert compared.sentence.startswith("So far update@2 was accepted")
    assert "1 job is not finished" in compared.sentence
    assert not isinstance(said(compared.comparison.effect).p, PValue)
    assert compared.contents.upshot.sentence.startswith("Nothing is concluded yet: 1 job is")


def test_results_that_nobody_judged_are_waited_for(gallery: Gallery, cb: Workspace) -> None:
    run(gallery, "update@1", {named(at): REJECT for at in range(7)})
    run(gallery, "update@2", dict.fromkeys((named(at) for at in range(7)), None))

    compared = cb.compare("update@1", "update@2")

    assert compared.sentence == (
        "It cannot be said how update@2 compares with update@1: no repository has verdicts on both."
    )
    assert compared.contents.unfinished == 7
    assert list(compared.frame["b_unjudged"]) == [1] * 7


def test_of_a_job_that_was_retried_the_retry_counts_and_follow_ups_do_not(
    gallery: Gallery, cb: Workspace
) -> None:
    run(gallery, "update@1", {named(at): REJECT for at in range(6)})
    run(gallery, "update@2", {named(at): ACCEPT for at in range(6)})
    failed = {"because": EndedBecause.INTERNAL_ERROR, "state": JobState.FAILED}
    request = run(gallery, "update@2", {named(6): None}, **failed)
    parent = gallery.records.job(job_id(f"{request}-1"))
    for relation in ("retry", "follow_up"):
        lineage = parent.lineage.with_(parent=parent.id, relation=relation)
        job = gallery.request(
            named(6), prompt=a_ref(gallery, "update@2"), job={"lineage": lineage}
        )[0]
        gallery.settle(gallery.begun(job))
        gallery.records.put_verdict(a_verdict(job, ACCEPT))
    run(gallery, "update@1", {named(6): REJECT})

    row = cb.compare("update@1", "update@2").frame.set_index("repository").loc[named(6)]

    assert (row["b_jobs"], row["b_accepted"], row["b_failed"]) == (1, 1, 0)


def test_different_commits_are_pointed_out(gallery: Gallery, cb: Workspace) -> None:
    run(gallery, "update@1", {named(0): REJECT, named(1): REJECT})
    for at, commit in ((0, "1" * 40), (1, "0" * 40)):
        job = gallery.request(named(at), prompt=a_ref(gallery, "update@2"), job={"commit": commit})[
            0
        ]
        gallery.settle(gallery.begun(job))

    cautions = " ".join(cb.compare("update@1", "update@2").cautions)

    assert "In 1 repository not all jobs worked on the same commit" in cautions
    assert named(0) in cautions


@pytest.mark.parametrize(
    ("a", "b", "wanted", "message"),
    [
        ("update@1", "update@1", {}, "nothing can be compared with itself"),
        ("update@1", [], {}, "A side of a comparison is empty"),
        ("update@1", "update@2", {"metric": "beauty"}, "'beauty' is no metric: accepted, rating"),
        ("update@1", "update@2", {"by": "team"}, "by takes 'repository' or 'owner', not 'team'"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    gallery: Gallery, cb: Workspace, a: str, b: str, wanted: dict[str, str], message: str
) -> None:
    run(gallery, "update@1", {named(0): REJECT})
    run(gallery, "update@2", {named(0): ACCEPT})

    with pytest.raises(UsageError, match=message):
        cb.compare(a, b, **wanted)


def test_a_prompt_that_is_not_there_is_said_so(cb: Workspace) -> None:
    with pytest.raises(UnknownPrompt):
        cb.compare("nothing@1", "nothing@2")


def test_a_huge_comparison_shows_as_much_as_fits_and_says_where_the_rest_is() -> None:
    tried = {named(at): [judged(an_ended(named(at)), REJECT)] for at in range(1_200)}
    report = reported(a_material(an_arm("plain", tried), an_arm("hints", tried)))

    html, text = comparison_html(report), comparison_text(report)

    assert len(html.encode()) < MOST_BYTES
    assert "Only 300 of 1200 repositories are shown; .frame has all." in html
    assert text.endswith(".frame has all of it.")
    assert len(text) < MOST_TEXT + 200
