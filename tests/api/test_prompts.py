"""Prompts over HTTP: saved, listed, shown, archived."""

from __future__ import annotations

import pytest

from tests.api.conftest import Served


def test_a_prompt_is_saved_version_by_version(api: Served) -> None:
    ann = api.of("ann")

    first = ann.put("/v1/prompts/tidy", {"template": "Tidy {{what}}."})
    again = ann.put("/v1/prompts/tidy", {"template": "Tidy {{what}}."})
    second = ann.put("/v1/prompts/tidy", {"template": "Tidy it.", "description": "Shorter"})

    assert (first.json["number"], again.json["number"], second.json["number"]) == (1, 1, 2)
    assert first.json["createdBy"] == "ann"
    assert ann.get("/v1/prompts/tidy").json == second.json
    assert ann.get("/v1/prompts/tidy?version=1").json == first.json
    assert ann.get("/v1/prompts/tidy/versions").json == [second.json, first.json]
    assert ann.get("/v1/prompts/tidy?version=3").status == 404


def test_an_archived_prompt_leaves_the_list_until_it_is_taken_up_again(api: Served) -> None:
    root = api.of("root")
    root.put("/v1/prompts/old", {"template": "Do it."})

    root.post("/v1/prompts/old/archive")
    assert "old" not in [one["name"] for one in root.get("/v1/prompts").json["items"]]
    assert [one["name"] for one in root.get("/v1/prompts?archived=true").json["items"]] == ["old"]
    refused = root.put("/v1/prompts/old", {"template": "Do it better."})
    assert (refused.status, refused.problem) == (409, "prompt_archived")
    root.post("/v1/prompts/old/unarchive")
    assert "old" in [one["name"] for one in root.get("/v1/prompts").json["items"]]


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("Bad%20Name", {"template": "x"}, 422),
        ("fine", {"template": " "}, 422),
        ("fine", {"template": "x", "kind": "poem"}, 422),
        ("fine", {"template": "x", "kind": "ask"}, 422),
        ("fine", {"template": "x", "answerSchema": {"type": "object"}}, 422),
        ("fine", {"template": "x", "variables": [{"name": "unused"}]}, 422),
        ("fine", {"template": "x" * 100_001}, 422),
        ("fine", {}, 422),
        ("fine", [], 422),
        ("fine", "text", 422),
    ],
)
def test_a_prompt_that_cannot_be_is_refused(
    api: Served, name: str, body: object, status: int
) -> None:
    refused = api.of("ann").put(f"/v1/prompts/{name}", body)

    assert refused.status == status, refused.body
    assert refused.json["detail"]


def test_hints_on_a_text_are_told_and_nothing_is_saved(api: Served) -> None:
    ann = api.of("ann")
    before = ann.get("/v1/prompts").json

    told = ann.post("/v1/prompts/lint", {"template": "Improve the code.\nThen run the tests."})

    assert told.status == 200, told.body
    assert [one["id"] for one in told.json][-1] == "cannot-run"
    assert told.json[-1]["place"] == {"line": 2, "column": 6, "length": 13}
    assert ann.post("/v1/prompts/lint", {"template": "Rename `a`; leave the rest."}).json == []
    assert ann.post("/v1/prompts/lint", {"template": "x", "kind": "poem"}).status == 422
    declared = {"template": "x", "variables": [{"name": "unused"}]}
    assert ann.post("/v1/prompts/lint", declared).status == 422
    assert ann.get("/v1/prompts").json == before
