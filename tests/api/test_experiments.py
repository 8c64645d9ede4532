"""Experiments over HTTP: previewed, begun, watched, paused; and how far a token reaches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Served
from tests.worker.world import UTCNOW

PATCH = """\
diff --git a/clocks/now.py b/clocks/now.py
--- a/clocks/now.py
+++ b/clocks/now.py
@@ -5 +5 @@
-    return datetime.utcnow()
+    return datetime.now(timezone.utc)
"""
REPOSITORIES = [
    {"repository": "acme/clocks", "changesNecessary": True, "reference": PATCH},
    {"repository": "acme/clean", "changesNecessary": False},
]


@pytest.fixture(scope="module")
def asked(api: Served) -> dict[str, Any]:
    ann = api.of("ann")
    ann.put("/v1/prompts/plain", {"template": UTCNOW})
    ann.put("/v1/prompts/other", {"template": f"Please. {UTCNOW}"})
    return {
        "name": "plain or other",
        "prompts": ["plain", "other"],
        "repositories": REPOSITORIES,
        "budgetUsd": "5",
    }


@pytest.fixture(scope="module")
def ended(api: Served, asked: dict[str, Any]) -> Any:
    """The JSON of an experiment that was begun over HTTP, once it has ended."""
    begun = api.of("ann").post("/v1/experiments", asked, idempotency_key="compare")
    assert begun.status == 201, begun.body
    *_, _last = api.world.app.experiments.follow(begun.json["id"], every_seconds=0.1)
    return api.of("ann").get(f"/v1/experiments/{begun.json['id']}").json


def test_a_preview_stores_nothing(api: Served, asked: dict[str, Any]) -> None:
    sue = api.of("sue")
    before = sue.get("/v1/experiments").json

    shown = sue.post("/v1/experiments/preview", {**asked, "name": "only looked at"})

    assert shown.status == 200, shown.body
    assert shown.json["cells"] == 4
    assert [one["name"] for one in shown.json["arms"]] == ["plain@1", "other@1"]
    assert sue.get("/v1/experiments").json == before


def test_an_experiment_is_begun_once_for_a_key_and_seen_to_its_end(
    api: Served, asked: dict[str, Any], ended: Any
) -> None:
    ann = api.of("ann")

    again = ann.post("/v1/experiments", asked, idempotency_key="compare")

    assert again.json["id"] == ended["id"]
    assert (ended["state"], ended["counts"]["done"], ended["counts"]["total"]) == ("ended", 4, 4)
    assert ended["baseline"] == "plain@1"
    assert ended["createdBy"] == "ann"
    assert [one["hasReference"] for one in ended["repositories"]] == [True, False]
    assert ended["id"] in [one["id"] for one in api.of("judy").get("/v1/experiments").json]
    assert ann.get("/v1/experiments/plain%20or%20other").json == ended


def test_every_cell_is_listed_page_by_page_with_its_job(api: Served, ended: Any) -> None:
    judy, path = api.of("judy"), f"/v1/experiments/{ended['id']}/cells"

    first = judy.get(f"{path}?limit=3").json
    second = judy.get(f"{path}?limit=3&cursor={first['cursor']}").json

    cells = [*first["items"], *second["items"]]
    assert (len(first["items"]), second["cursor"]) == (3, None)
    assert [(one["arm"], one["repository"]) for one in cells] == [
        (arm, repository)
        for arm in ("plain@1", "other@1")
        for repository in ("acme/clocks", "acme/clean")
    ]
    assert [one["wereChangesNecessary"] for one in cells] == [True, False] * 2
    assert judy.get(f"/v1/jobs/{cells[0]['job']}").json["repository"] == "acme/clocks"
    assert len(judy.get(f"{path}?arm=other@1&state=done").json["items"]) == 2
    assert judy.get(f"{path}?arm=nobody").status == 400
    assert judy.get(f"{path}?state=lost").status == 422


def test_it_is_paused_resumed_and_given_another_budget(api: Served, asked: dict[str, Any]) -> None:
    ann, root = api.of("ann"), api.of("root")
    begun = ann.post("/v1/experiments", {**asked, "name": "stopped", "reuse": True}).json
    path = f"/v1/experiments/{begun['id']}"

    assert ann.post(f"{path}/repetitions", {"number": 1}).json["repetitions"] == 2
    assert ann.post(f"{path}/pause").json["state"] == "paused"
    raised = root.post(f"{path}/raise", {"budgetUsd": "none"})
    assert (raised.status, raised.json["budgetUsd"]) == (200, None)
    assert ann.post(f"{path}/raise", {"budgetUsd": "7"}).status == 403
    for act, body in (("resume", None), ("retry-failed", None), ("repetitions", {"number": 1})):
        refused = ann.post(f"{path}/{act}", body)  # without a budget only an administrator may
        assert (refused.status, refused.problem) == (403, "scope_missing"), act
    assert root.post(f"{path}/raise", {"budgetUsd": "5"}).status == 200
    assert ann.post(f"{path}/resume").json["state"] == "running"
    assert ann.post(f"{path}/cancel").json["state"] == "paused"
    for one in api.world.app.experiments.standing(
        api.world.app.experiments.find(begun["id"])
    ).unfinished_jobs:
        api.world.wait_for(one.id)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"prompts": ["nobody"]}, 404),
        ({"prompts": []}, 400),
        ({"repositories": []}, 422),
        ({"repositories": [{"repository": "evil/x"}]}, 403),
        ({"repetitions": 0}, 422),
        ({"metric": "beauty"}, 422),
        ({"baseline": "neither"}, 400),
        ({"budgetUsd": 0}, 422),
        ({"wishes": 1}, 422),
        ({"budgetUsd": None}, 403),
        ({"options": {"jobCostCapUsd": "none"}}, 403),
        ({"optionSets": [{"jobCostCapUsd": "1000"}]}, 403),
    ],
)
def test_what_cannot_be_or_reaches_too_far_is_refused_and_leaves_nothing(
    api: Served, asked: dict[str, Any], wrong: dict[str, Any], status: int
) -> None:
    sue = api.of("sue")
    before = sue.get("/v1/experiments").json

    refused = sue.post("/v1/experiments", {**asked, "name": "wrong", **wrong})

    assert refused.status == status, refused.body
    assert sue.get("/v1/experiments").json == before


def test_an_experiment_needs_the_scopes_that_requests_need(api: Served, ended: Any) -> None:
    path = f"/v1/experiments/{ended['id']}"

    assert api.of("judy").post(f"{path}/pause").status == 403
    assert api.of("pat").get(path).status == 403
    assert api.of("judy").get("/v1/experiments/nowhere").problem == "unknown_experiment"
