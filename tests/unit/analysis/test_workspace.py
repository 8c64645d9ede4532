"""What ``codybatch.connect()`` gives: frames that hold what is recorded, whatever is in them."""

from __future__ import annotations

import inspect
import subprocess
import sys
import warnings
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import codybatch
from codybatch.analysis.recorded import UnreadRecords
from codybatch.analysis.workspace import Workspace
from codybatch.cli.demonstration import alone
from codybatch.demonstration_home import NOTE
from codybatch.domain.errors import NotFound, PolicyError, UnknownIdentifier, UsageError
from codybatch.domain.findings import Decision
from codybatch.domain.threads import BlobRef
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import a_verdict
from tests.conversation_kit import Talk, everyday
from tests.ui_kit import SECRET, Gallery

FRAMES = ("requests", "jobs", "turns", "tool_calls", "findings", "verdicts", "costs")


def damage(home: Path, ref: BlobRef) -> None:
    """Lose an object behind the store's back."""
    lost = [path for path in home.rglob("*") if path.is_file() and ref.key in str(path)]
    assert lost
    for path in lost:
        path.unlink()


@pytest.mark.parametrize("name", FRAMES)
def test_an_empty_frame_has_the_same_columns_and_types(
    gallery: Gallery, store: EmbeddedStore, cb: Workspace, name: str
) -> None:
    empty = getattr(cb, name)()
    gallery.everything()
    job = everyday(Talk(store)).settle()
    gallery.records.put_verdict(a_verdict(job))

    filled = getattr(cb, name)()

    assert len(empty) == 0
    assert len(filled) > 0
    assert list(filled.dtypes.items()) == list(empty.dtypes.items())
    assert "object" not in {str(dtype) for dtype in filled.dtypes}


def test_a_row_of_jobs_is_what_the_record_says(gallery: Gallery, cb: Workspace) -> None:
    job = gallery.published("acme/api")

    row = cb.jobs().iloc[0]

    assert (row.job, row.request, row.repository) == (job.id, job.request, "acme/api")
    assert (row.state, row.ended_because, row.kind) == ("succeeded", "finished", "change")
    assert (row.files, row.additions, row.deletions) == (1, 1, 1)
    assert (row.cost_usd, row.input_tokens, row.cache_read_tokens) == (0.84, 100, 900)
    assert (row.publication, row.pull_request_state) == ("pull_request", "open")
    assert row.pull_request == job.publication.url
    assert row.were_changes_necessary
    assert row.confidence == "high"
    assert row.created_at == pd.Timestamp(job.created_at)
    assert str(row.created_at.tz) == "UTC"


def test_what_is_missing_is_missing_and_nothing_else(gallery: Gallery, cb: Workspace) -> None:
    gallery.queued("acme/api")

    row = cb.jobs().iloc[0]

    assert pd.isna(row.files)
    assert pd.isna(row.ended_at)
    assert pd.isna(row.were_changes_necessary)
    assert pd.isna(row.pull_request)
    assert (row.title, row.cost_usd, row.turns) == ("", 0.0, 0)


def test_filters_hold_all_at_once(gallery: Gallery, cb: Workspace) -> None:
    mixed = gallery.mixed_request()
    gallery.ended("acme/other")
    gallery.cancelled("acme/api")

    def found(**of: Any) -> list[str]:
        return list(cb.jobs(**of).repository)

    assert found(state="failed") == ["acme/vanished"]
    assert found(request=mixed[0].request, state="succeeded") == ["acme/api"]
    assert found(repository="https://github.com/acme/API", state="cancelled") == ["acme/api"]
    assert found(prompt="update", requester="bob") == []
    assert found(job=[mixed[1].id, mixed[0].id, mixed[1].id]) == ["acme/billing", "acme/api"]
    assert found(job=mixed[0].id, state="failed") == []
    assert len(found(limit=2)) == 2
    assert found(limit=0) == []
    assert list(cb.requests(repository="acme/other").request) == list(
        cb.jobs(repository="acme/other").request
    )


@pytest.mark.parametrize("as_given", ["moment", "naive", "text", "day"])
def test_times_are_given_in_many_ways(gallery: Gallery, cb: Workspace, as_given: str) -> None:
    gallery.ended("acme/api")
    now = datetime.now(UTC)
    ways: dict[str, Any] = {
        "moment": pd.Timestamp(now - timedelta(hours=3)),
        "naive": (now - timedelta(hours=3)).replace(tzinfo=None),
        "text": "1d",
        "day": date.today() - timedelta(days=2),  # noqa: DTZ011
    }
    when = ways[as_given]

    assert len(cb.jobs(since=when)) == 1
    assert len(cb.jobs(until=when)) == 0
    assert len(cb.requests(since=when)) == 1


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({"state": "done"}, "'done' is no state"),
        ({"since": "yesterday"}, "is no day"),
        ({"since": 7}, "7 is no moment"),
        ({"limit": -1}, "limit takes a whole number from 0, not -1"),
        ({"limit": "all"}, "limit takes a whole number"),
        ({"columns": ["jobb"]}, "jobs() has no column 'jobb'"),
        ({"repo": "acme/api"}, "There is no filter 'repo'; there are request, repository"),
    ],
)
def test_what_cannot_be_asked_for_is_said(cb: Workspace, of: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        cb.jobs(**of)

    assert said in refused.value.message


def test_only_the_wanted_columns_come_in_their_order(gallery: Gallery, cb: Workspace) -> None:
    gallery.ended("acme/api")

    assert list(cb.jobs(columns=["cost_usd", "job", "cost_usd"])) == ["cost_usd", "job"]
    assert list(cb.jobs(columns="state")) == ["state"]


def test_an_id_that_names_nothing_is_said(cb: Workspace) -> None:
    with pytest.raises(UnknownIdentifier):
        cb.job("7")
    with pytest.raises(NotFound):
        cb.jobs(job="01kjmma2g0pa6rw00zkbtwq5aw-1")
    with pytest.raises(NotFound):
        cb.request("01kjmma2g0pa6rw00zkbtwq5aw")


def test_texts_of_others_hold_no_secret_and_hide_nothing(gallery: Gallery, cb: Workspace) -> None:
    gallery.hostile("acme/api")

    shown = cb.jobs().to_csv() + cb.requests().to_csv()

    assert SECRET not in shown
    assert "[redacted]" in shown
    assert "\u202e" not in shown
    assert "\\u202e" in shown


def test_turns_calls_and_costs_of_a_conversation_join(store: EmbeddedStore, cb: Workspace) -> None:
    job = everyday(Talk(store)).settle()

    turns, calls, costs = cb.turns(job=job.id), cb.tool_calls(job=job.id), cb.costs(job=job.id)

    assert list(turns.turn) == list(range(1, 9))
    assert list(calls.tool) == [
        "grep",
        "read_file",
        "edit_file",
        "edit_file",
        "read_file",
        "finish",
    ]
    assert list(calls.loc[calls.is_error.fillna(False).astype(bool), "error"]) == [
        "The text was not found."
    ]
    assert list(calls.is_error.isna()) == [False] * 5 + [True]
    assert list(calls.is_change) == [False, False, True, True, False, False]
    assert list(calls.subject)[:2] == ["utcnow", "src/app.py"]
    assert turns.model_seconds.iloc[0] == 5.0
    assert turns.tools_seconds.notna().sum() == 6
    assert list(costs.fate).count("not appended") == 1
    assert costs.cost_usd.sum() == pytest.approx(turns.cost_usd.sum())
    assert costs.cost_usd.sum() == pytest.approx(float(job.cost_usd))
    assert len(calls.merge(turns, on=["job", "turn"])) == len(calls)
    assert (costs.without_cache_usd > 0).all()


def test_a_lost_reply_costs_what_was_set_aside(store: EmbeddedStore, cb: Workspace) -> None:
    job = Talk(store).begin().lost().settle()

    costs = cb.costs(job=job.id)

    assert list(costs.fate) == ["lost"]
    assert list(costs.cost_usd) == [0.5]
    assert costs.without_cache_usd.isna().all()


def test_a_damaged_thread_is_named_and_the_others_are_read(
    gallery: Gallery, store: EmbeddedStore, cb: Workspace
) -> None:
    whole = everyday(Talk(store)).settle()
    lost = everyday(Talk(store, request={"repositories": "acme/lost"})).settle()
    assert lost.thread is not None
    damage(gallery.home, lost.thread.lines)

    with pytest.warns(UnreadRecords, match=lost.id):
        calls = cb.tool_calls()

    assert set(calls.job) == {whole.id}
    (problem,) = calls.attrs["problems"]
    assert (problem["job"], problem["repository"]) == (lost.id, "acme/lost")
    assert problem["problem"]
    assert len(cb.turns(job=lost.id)) == 8  # no text is read for them


def test_nothing_damaged_warns_of_nothing(store: EmbeddedStore, cb: Workspace) -> None:
    everyday(Talk(store)).settle()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cb.tool_calls().attrs["problems"] == []


def test_findings_are_sorted_by_how_bad_they_are(gallery: Gallery, cb: Workspace) -> None:
    job = gallery.audited()

    found = cb.job(job.id).findings()

    assert list(found.severity) == ["critical", "low"]
    assert list(found.sort_values("severity", ascending=False).severity) == ["low", "critical"]
    assert list(found.finding) == [1, 2]
    assert list(found.start_line.isna()) == [False, True]


def test_verdicts_are_a_row_each(gallery: Gallery, cb: Workspace) -> None:
    job = gallery.ended("acme/api")
    told: dict[str, Any] = {"decision": Decision.REJECT, "rating": 2, "reasons": ("wrong", "style")}
    gallery.records.put_verdict(a_verdict(job, **told, comment=f"See {SECRET}"))

    (row,) = cb.verdicts().itertuples()

    assert (row.job, row.rater, row.decision, row.is_accepted) == (job.id, "alice", "reject", False)
    assert (row.rating, row.reasons, row.comment) == (2, "wrong, style", "See [redacted]")


def test_spending_is_summed_up_by_what_was_asked(gallery: Gallery, cb: Workspace) -> None:
    gallery.ended("acme/api")
    gallery.ended("acme/web")
    gallery.queued("acme/web")

    by = cb.spending("repository", since="1d").set_index("group")

    assert list(by.loc["acme/web", ["jobs", "succeeded", "cost_usd"]]) == [2, 1, 0.84]
    assert by.cost_usd.sum() == pytest.approx(1.68)
    with pytest.raises(UsageError, match="is no group"):
        cb.spending("colour")


def test_a_request_says_how_it_stands(gallery: Gallery, cb: Workspace) -> None:
    gallery.mixed_request()

    requests = cb.requests()

    row = requests.iloc[0]
    assert (row.jobs, row.succeeded, row.partial, row.failed, row.waiting) == (5, 1, 1, 1, 1)
    assert (row.cap_usd, row.origin) == (3.0, "person")
    assert requests.estimate_usd.isna().all()


def test_filters_stand_in_the_signature_for_help_and_completion(cb: Workspace) -> None:
    shown = inspect.signature(cb.jobs).parameters

    assert {"columns", "state", "since", "limit", "job"} <= set(shown)
    assert "of" not in shown
    assert "max_cost" in inspect.signature(cb.submit).parameters


def test_a_workspace_is_read_only_unless_asked(gallery: Gallery, cb: Workspace) -> None:
    job = gallery.ended("acme/api")

    with pytest.raises(PolicyError, match=r"connect\(allow_changes=True\)"):
        cb.submit("update", "acme/api")
    with pytest.raises(PolicyError, match="read-only"):
        cb.rate(job.id, "accept")
    with pytest.raises(PolicyError, match="read-only"):
        cb.request(job.request).cancel()
    assert "read-only" in repr(cb)


def test_results_are_judged_where_that_was_asked_for(gallery: Gallery) -> None:
    job = gallery.ended("acme/api")
    with codybatch.connect(gallery.home, allow_changes=True) as cb:
        cb.rate(job.id, "accept", rating=5, reasons="style", comment="Good.")

        (row,) = cb.verdicts().itertuples()
        assert (row.decision, row.rating, row.reasons) == ("accept", 5, "style")
        with pytest.raises(UsageError, match="accept or reject"):
            cb.rate(job.id, "maybe")


def test_the_demonstration_is_only_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODYBATCH_HOME", str(tmp_path))

    with pytest.raises(PolicyError, match="only looks"):
        codybatch.connect(demo=True, allow_changes=True)
    with codybatch.connect(demo=True) as cb:
        assert cb.application.settings.home == tmp_path / "demo"
        assert cb.jobs().empty
        with pytest.raises(PolicyError, match="stand-ins have ended"):
            cb.estimate("update", "demo-org/csv-importer")


def test_while_the_demonstration_runs_it_is_said_so_and_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODYBATCH_HOME", str(tmp_path))
    with codybatch.connect(demo=True) as cb, alone(tmp_path / "demo"):

        def refused() -> str:
            with pytest.raises(PolicyError) as told:
                cb.plan_experiment(["a", "b"], ["demo-org/csv-importer"])
            return told.value.message

        runs = "The demonstration runs in another process, so nobody can plan an experiment"
        assert refused() == (
            f"{runs} from here. Wait until it has ended, then use its workbench: "
            "`codybatch up --demo`."
        )
        (tmp_path / "demo" / NOTE).write_text('{"address": "http://127.0.0.1:8501"}')
        assert refused() == f"{runs} from here. Use its workbench: http://127.0.0.1:8501"


def test_importing_the_package_loads_nothing_heavy() -> None:
    probe = "import sys, codybatch; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"pandas", "pyarrow", "pydantic", "sqlite3", "tqdm"} & set(loaded)


def test_without_pandas_it_says_what_to_install() -> None:
    probe = (
        "import sys; sys.modules['pandas'] = None\n"
        "import codybatch\n"
        "try: codybatch.connect()\n"
        "except ImportError as error: print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    ).stdout

    assert "pip install 'codybatch[notebooks]'" in said
    assert "pandas" in said
