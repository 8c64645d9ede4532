"""Schedules over HTTP: added, changed, paused, run, removed."""

from __future__ import annotations

from tests.api.conftest import SUBMISSION, Served

SUBMITTED = {**SUBMISSION, "repositories": ["acme/clean"], "options": {"publish": "none"}}


def test_a_schedule_is_added_changed_paused_and_removed(api: Served) -> None:
    root = api.of("root")

    added = root.post(
        "/v1/schedules",
        {"rule": "0 2 * * *", "timeZone": "Europe/Berlin", "name": "n1", "submission": SUBMITTED},
    )
    assert added.status == 201, added.body
    assert added.json["ruleInWords"] == "Every day at 02:00, Europe/Berlin"
    assert len(added.json["nextRuns"]) == 5
    assert added.json["createdBy"] == "root"
    path = f"/v1/schedules/{added.json['id']}"
    changed = root.send("PATCH", path, {"rule": "every 6 hours", "overlap": "allow"}).json
    assert (changed["ruleInWords"], changed["overlap"]) == ("Every 6 hours", "allow")
    assert changed["template"] == added.json["template"]
    assert root.post(f"{path}/pause").json["nextRuns"] == []
    assert root.post(f"{path}/resume").json["paused"] is False
    assert root.get("/v1/schedules/n1").json["id"] == added.json["id"]
    assert added.json["id"] in [one["id"] for one in root.get("/v1/schedules").json]

    assert root.delete(path).status == 204
    assert root.get(path).problem == "unknown_schedule"


def test_a_schedule_does_an_earlier_request_again_and_by_hand_now(api: Served) -> None:
    root = api.of("root")
    first = root.post("/v1/requests", SUBMITTED, idempotency_key="for-like").json

    added = root.post(
        "/v1/schedules", {"rule": "0 2 * * *", "name": "n2", "like": first["id"], "pin": True}
    )
    assert added.json["template"]["prompt"].startswith("utcnow@")
    run = root.post("/v1/schedules/n2/run-now")

    assert run.status == 201, run.body
    assert run.json["origin"]["schedule"] == added.json["id"]
    api.world.wait_for(run.json["jobs"][0]["id"])
    root.delete("/v1/schedules/n2")


def test_a_schedule_that_cannot_be_is_refused(api: Served) -> None:
    root = api.of("root")

    for body, status in (
        ({"rule": "sometimes", "submission": SUBMITTED}, 422),
        ({"rule": "0 2 * * *", "timeZone": "Mars/Base", "submission": SUBMITTED}, 422),
        ({"rule": "0 2 * * *"}, 400),
        ({"rule": "0 2 * * *", "pin": True, "submission": SUBMITTED}, 400),
        ({"rule": "0 2 * * *", "like": "nonsense"}, 404),
        ({"rule": "0 2 * * *", "submission": {**SUBMITTED, "repositories": ["evil/x"]}}, 403),
        ({"submission": SUBMITTED}, 422),
    ):
        assert root.post("/v1/schedules", body).status == status, body
