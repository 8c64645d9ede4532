"""``codybatch prompts preview``: the first message by the code that sends it; nothing is kept."""

from __future__ import annotations

from tests.unit.cli.conftest import Finished

RENAME = b"Rename {{old}} in code; leave the rest alone."


def test_the_text_is_shown_with_its_variables_filled_in_and_its_tokens(finished: Finished) -> None:
    asked = ("prompts", "preview", "--prompt-file", "-", "--var", "old=utcnow")

    shown = finished.call(*asked, stdin=RENAME)
    whole = finished.call(*asked, "--system", stdin=RENAME)

    assert shown.status == 0
    assert "<task>\nRename utcnow in code; leave the rest alone.\n</task>" in shown.text
    assert "tokens at most" in shown.err
    assert "You are a careful software engineer" not in shown.text
    assert whole.text.startswith("You are a careful software engineer")
    assert whole.text.endswith(shown.text)


def test_a_repository_is_looked_over_and_what_a_job_is_told_of_it_is_filled_in(
    finished: Finished,
) -> None:
    before = finished.call("requests", "list", "--json").json
    asked = ("prompts", "preview", "--prompt-file", "-", "--var", "old=utcnow", "--json")

    told = finished.call(*asked, "-r", "acme/clocks", stdin=RENAME).json
    without = finished.call(*asked, stdin=RENAME).json

    assert (told["prompt"], told["repository"]) == ("stdin", "acme/clocks")
    assert len(told["commit"]) == 40
    assert told["commit"] in "\n".join(told["parts"]) or "acme/clocks" in "\n".join(told["parts"])
    assert told["tokensAtMost"] > 0
    assert (without["repository"], without["commit"]) == (None, None)
    assert without["parts"] != told["parts"]
    assert finished.call("requests", "list", "--json").json == before


def test_a_missing_value_and_a_repository_that_is_not_allowed_are_refused(
    finished: Finished,
) -> None:
    lacking = finished.call("prompts", "preview", "--prompt-file", "-", stdin=RENAME)
    asked = ("prompts", "preview", "--prompt-file", "-", "--var", "old=x", "-r", "other/one")

    assert (lacking.status, "--var old=VALUE" in lacking.sentence) == (2, True)
    assert finished.call(*asked, stdin=RENAME).status == 3
