"""``codybatch prompts``: versions are saved, shown and compared."""

from __future__ import annotations

from pathlib import Path

from codybatch.clock import SystemClock
from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import PromptDraft
from codybatch.services.prompts import Prompts
from tests.cli_kit import Call, call
from tests.ui_kit import Gallery


def prompts(home: Path, *arguments: str, stdin: bytes = b"") -> Call:
    environment = {"CODYBATCH_HOME": str(home), "CODYBATCH_PERSON": "dana"}
    return call("prompts", *arguments, environment=environment, stdin=stdin)


def test_a_list_without_prompts_says_how_to_save_one(tmp_path: Path) -> None:
    assert "codybatch prompts save" in prompts(tmp_path, "list").text


def test_only_a_changed_text_is_a_new_version(tmp_path: Path) -> None:
    for text, version in ((b"Tidy up.", 1), (b"Tidy up.", 1), (b"Tidy up well.", 2)):
        saved = prompts(tmp_path, "save", "tidy", "--file", "-", "--json", stdin=text)
        assert saved.json["number"] == version

    assert (
        "codybatch submit tidy"
        in prompts(tmp_path, "save", "tidy", "--file", "-", stdin=b"Tidy up.").text
    )


def test_versions_are_compared_line_by_line(tmp_path: Path) -> None:
    for text in (b"One.\nTwo.", b"One.\nThree."):
        prompts(tmp_path, "save", "count", "--file", "-", stdin=text)

    changed = prompts(tmp_path, "diff", "count", "1", "2").text

    assert "-Two.\n+Three.\n" in changed
    assert prompts(tmp_path, "diff", "count", "2", "2").text == "The text is the same.\n"


def test_an_ask_is_saved_with_its_schema(tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(
        '{"type": "object", "properties": {"licence": {"type": "string"}}, '
        '"required": ["licence"], "additionalProperties": false}'
    )

    saved = prompts(
        tmp_path,
        *("save", "licence", "--file", "-", "--kind", "ask", "--schema", str(schema), "--json"),
        stdin=b"Which licence?",
    )

    assert saved.json["answerSchema"]["required"] == ["licence"]


def test_hostile_text_is_shown_harmlessly(tmp_path: Path) -> None:
    prompts(tmp_path, "save", "evil", "--file", "-", stdin="a\x1b[2Jb\u202ec".encode())

    shown = prompts(tmp_path, "show", "evil").text

    assert "a\\x1b[2Jb\\u202ec" in shown


def test_a_prompt_is_archived_and_taken_up_again(tmp_path: Path) -> None:
    for name in ("tidy", "count"):
        prompts(tmp_path, "save", name, "--file", "-", stdin=b"Do it.")

    archived = prompts(tmp_path, "archive", "tidy")

    assert "codybatch prompts unarchive tidy" in archived.text
    assert "already" in prompts(tmp_path, "archive", "tidy").text
    assert [one["name"] for one in prompts(tmp_path, "list", "--json").json["items"]] == ["count"]
    listed = prompts(tmp_path, "list", "--archived", "--json").json
    assert [one["name"] for one in listed["items"]] == ["tidy"]
    assert "prompts unarchive tidy" in prompts(tmp_path, "show", "tidy").text
    refused = prompts(tmp_path, "save", "tidy", "--file", "-", stdin=b"Do more.")
    assert refused.status == 2
    assert "prompts unarchive tidy" in refused.err

    assert "offered again" in prompts(tmp_path, "unarchive", "tidy").text
    assert "No prompt is archived" in prompts(tmp_path, "list", "--archived").text


def test_a_prompt_is_duplicated_under_a_new_name(tmp_path: Path) -> None:
    for text in (b"One.", b"Two."):
        prompts(tmp_path, "save", "count", "--file", "-", stdin=text)

    copy = prompts(tmp_path, "duplicate", "count@1", "count-again", "--json").json

    assert (copy["name"], copy["number"], copy["template"]) == ("count-again", 1, "One.")
    taken = prompts(tmp_path, "duplicate", "count", "count-again")
    assert (taken.status, "already" in taken.err) == (2, True)


def test_a_starter_is_listed_and_saved_as_a_prompt_like_any_other(tmp_path: Path) -> None:
    offered = prompts(tmp_path, "starters", "--json").json
    saved = prompts(tmp_path, "starters", "--save", "how-tests-run", "--json").json

    assert len(offered) >= 8
    assert prompts(tmp_path, "show", "how-tests-run@1", "--json").json == saved
    assert saved["answerSchema"]["required"][0] == "testRunner"
    assert "find-swallowed-exceptions\taudit\t" in prompts(tmp_path, "starters").text


def test_a_starter_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    done = prompts(tmp_path, "starters", "--save", "nothing")

    assert (done.status, "add-request-timeouts" in done.sentence) == (2, True)


def test_a_prompt_is_shown_with_the_reasons_for_which_its_jobs_were_rejected(
    tmp_path: Path,
) -> None:
    gallery = Gallery(tmp_path)
    Prompts(gallery.records, SystemClock()).save(
        PromptDraft(name="update", template="Update it."), Person("dana")
    )
    jobs = [gallery.ended() for _ in range(4)]
    for job in jobs:
        gallery.judge(job, "alice", Decision.REJECT, reasons=("wrong",))
    gallery.close()

    told = prompts(tmp_path, "show", "update").text

    assert "Rejected because:\nupdate@1\t4\twrong\t" in told
    assert "and 1 more" in told
    assert sum(job.id in told for job in jobs) == 3
