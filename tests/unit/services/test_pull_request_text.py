"""What a pull request says: text of the model is shown, and does nothing."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import Job
from codybatch.domain.publication import GateFinding, GateRule
from codybatch.domain.requests import RequestOptions
from codybatch.domain.states import EndedBecause
from codybatch.services.pull_request_text import (
    MAX_BODY,
    MAX_TITLE,
    commit_message,
    plain,
    pull_request_text,
    title_line,
)
from tests.contracts.examples import a_request, jobs_of

REQUEST = a_request(prompt_text="Update what is old.")
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What a code host makes of text once it is rendered, or of a title as it stands.
ACTS = re.compile(
    r"@[\w-]|#\d|\bGH-\d|://|\bwww\.|\[\s*(?:skip|no|ci|actions)\b|NO_CI"
    r"|\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b[\s:]*(?:[\w.-]+/[\w.-]+)?(?:#\d|GH-\d|https?://)",
    re.IGNORECASE,
)
HARMLESS = {
    *("text", "softbreak", "hardbreak", "code_inline", "inline", "text_special"),
    *("paragraph_open", "paragraph_close", "list_item_open", "list_item_close"),
    *("bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"),
}
HOSTILE = [
    "@octocat please look",
    "mail me@example.com",
    "&commat;octocat and &#64;octocat and &#x40;octocat",
    "Fixes #1, closes acme/app#2 and resolves GH-3",
    "Fix: https://github.com/acme/app/issues/4",
    "f\u200bixes \u2060#1",
    "&num;1",
    "![pixel](https://evil.example/p.png)",
    "[click](https://evil.example)",
    "[click][1]\n\n[1]: https://evil.example",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "<!-- cody-batch job=someone-else -->",
    "<https://evil.example> www.evil.example evil://x",
    "```\nnever closed @octocat",
    "~~~\nnever closed",
    "`never closed @octocat",
    "`@octocat` and `#1` and `http://x`",
    "``` `a` ```b`c``d`",
    "# A heading\n=====\nAnother\n---",
    "> quoted\n    indented",
    "- - -\n* * *\n_ _ _",
    "| a | b |\n|---|---|\n| @octocat | #1 |",
    "a\\\\`b` \\`c`",
    "$\\href{https://evil.example}{x}$",
    "\u202egnp.exe \U000e0041\U000e0042 \u00ad \ufeff",
    "\ud800 a lone surrogate",
    "line\rone\u2028two\x0bthree\x1b[31m",
    "[skip ci] ***NO_CI***",
    "-" * 5000,
    "fix " * 3000 + "#1",
    "a/" * 5000,
]


def a_job(**changes: Any) -> Job:
    facts = {"title": "Write it", "summary": "Wrote it.", "commit": "c" * 40}
    (job,) = jobs_of(REQUEST, **{**facts, **changes})
    return job


def rendered(markdown: str) -> list[Token]:
    """All tokens, those inside of lines too."""
    tokens = MARKDOWN.parse(markdown)
    return [part for token in tokens for part in (token, *(token.children or ()))]


def is_harmless(markdown: str) -> bool:
    """Whether it renders as text alone, and nothing in that text acts."""
    tokens = rendered(markdown)
    kinds = {token.type for token in tokens} - HARMLESS - {"hr"}
    shown = "".join(token.content for token in tokens if token.type == "text")
    assert not kinds, kinds
    assert not ACTS.search(shown), shown
    assert not ACTS.search(html.unescape(markdown).replace("\\", "")), markdown
    return "<" not in markdown


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing(text: str) -> None:
    assert is_harmless(plain(text))


@given(st.text(max_size=400))
def test_any_text_is_shown_and_does_nothing(text: str) -> None:
    assert is_harmless(plain(text))


PIECES = st.sampled_from(
    ["@", "#", "1", "a", "/", "`", "``", "```", "\\", "[", "]", "(", ")", "!", "<", ">", "&", ";",
     "fix", "closes", " ", "\n", ":", "//", "http", "www", ".", "GH", "-", "*", "_", "~", "|",
     "\u200b", "skip ci", "commat", "lt", "=", "+", "\t", "\r"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_mixture_of_what_means_something_does_nothing(text: str) -> None:
    assert is_harmless(plain(text))
    assert not ACTS.search(title_line(text))


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=200))
def test_what_is_shown_is_what_was_written(text: str) -> None:
    """Every visible character is there once it is rendered, and no other."""
    tokens = rendered("x" + plain("y" + text))  # not at a line's beginning, where lists begin
    shown = "".join(token.content for token in tokens if token.type in {"text", "code_inline"})

    def letters(of: str) -> str:
        return "".join(re.findall(r"[^\W_]", of))

    assert letters(shown)[:1] == "x"
    assert letters(shown)[1:] in {letters("y" + text)} | {letters("y" + _without_unseen(text))}


def _without_unseen(text: str) -> str:
    return re.sub("[\u115f\u1160\u3164\uffa0]", "", text)


def test_lists_paragraphs_and_code_stay() -> None:
    text = "First `a_b(c)`.\n\n- one\n- two `x/y.py`\n\n1. three\nlast * line"

    kinds = [token.type for token in rendered(plain(text))]

    assert kinds.count("list_item_open") == 3
    assert kinds.count("code_inline") == 2
    assert kinds.count("paragraph_open") >= 2


def test_windows_line_ends_are_line_ends() -> None:
    assert plain("a\r\nb") == plain("a\nb")


def test_long_text_is_cut_and_says_so() -> None:
    for text in ("word " * 50_000, "x" * 100_000, "<" * 100_000, "@a\n" * 50_000):
        shown = plain(text, 1_000)
        assert len(shown) <= 1_000
        assert shown.endswith("(cut: it was longer)")
    assert plain("x" * 500, 1_000) == "x" * 500


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_is_one_line_that_does_nothing(text: str) -> None:
    title = title_line(text)

    assert 0 < len(title) <= MAX_TITLE
    assert "\n" not in title
    assert not ACTS.search(title)


@given(st.text(max_size=600), st.integers(20, 256))
def test_any_title_is_one_short_line(text: str, limit: int) -> None:
    title = title_line(text, limit)

    assert 0 < len(title) <= max(limit, len("Change by Cody Batch"))
    assert title == " ".join(title.split())
    assert not ACTS.search(title)
    title.encode()


def test_a_long_title_ends_at_a_word() -> None:
    assert title_line("word " * 40, 72) == "word " * 14 + "…"


def test_an_empty_title_is_replaced() -> None:
    for text in ("", " \n ", "\u200b\u2060"):
        assert title_line(text) == "Change by Cody Batch"


# the whole


def test_it_says_what_why_checks_and_cost() -> None:
    job = a_job(
        verification="I read the tests again.",
        claim_mismatch="It says two files, and changed three.",
        cost_usd=Decimal("0.1234"),
    )

    text = pull_request_text(job, REQUEST)

    assert text.title == "Write it"
    for part in (
        "Wrote it.",
        "### Why\n\n> Update what is old.",
        "- The gate (secrets, symlinks, modes, binaries, paths) found nothing.",
        "- Claude says: I read the tests again.",
        "- Note: It says two files, and changed three.",
        "Made by Cody Batch for `alice`",
        "prompt `update` version 1",
        "model `claude-sonnet-5-5`",
        "$0.12",
        f"`{job.id}`",
        "`cccccccccccc`",
    ):
        assert part in text.body
    assert text.body.endswith(
        f"<!-- cody-batch request={job.request} lineage={job.id} job={job.id} -->"
    )


def test_labels_and_people_come_from_the_options() -> None:
    options = RequestOptions(
        model="m", labels=("chore",), reviewers=("rae",), assignees=("al", "bo")
    )

    text = pull_request_text(a_job(), REQUEST.with_(options=options))

    assert (text.labels, text.reviewers, text.assignees) == (("chore",), ("rae",), ("al", "bo"))


def test_without_words_of_the_model_it_still_stands() -> None:
    text = pull_request_text(a_job(title="", summary=" \n"), REQUEST)

    assert text.title == REQUEST.title
    assert text.body.startswith("No summary was given.")
    assert "under $0.01" in text.body


def test_what_spoke_against_it_and_who_let_it_pass_is_told() -> None:
    finding = GateFinding(rule=GateRule.SECRET, path="a", message="A secret.")
    job = a_job(gate=(finding, finding))

    text = pull_request_text(job, REQUEST, EndedBecause.TURN_LIMIT, Person("da`na<b>"))

    assert "- The gate named 2 thing(s) to look at; `danab` looked at it." in text.body
    assert "- The job did not finish: The limit of turns was reached." in text.body


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_part_lets_hostile_text_act(hostile: str) -> None:
    job = a_job(summary=hostile, verification=hostile, claim_mismatch=hostile, title=hostile,
                requester=Person(hostile), model=hostile)  # fmt: skip
    request = REQUEST.with_(prompt_text=hostile)

    text = pull_request_text(job, request)

    shown, marker = text.body.rsplit("\n\n", 1)
    assert marker.startswith("<!-- cody-batch request=")
    tokens = rendered(shown)
    ours = {"heading_open", "heading_close", "blockquote_open", "blockquote_close", "hr"}
    assert {token.type for token in tokens} <= HARMLESS | ours
    assert [token.content for token in tokens if token.type == "inline"].count("Why") <= 1
    assert "<" not in shown
    assert not ACTS.search("".join(token.content for token in tokens if token.type == "text"))
    assert not ACTS.search(text.title)


def test_the_longest_of_everything_still_fits_and_keeps_every_part() -> None:
    for character in ("<", "@", "x", "x\n", "- <\n", "`<` "):
        endless = character * 200_000
        job = a_job(summary=endless, verification=endless, claim_mismatch=endless, title=endless,
                    requester=Person(endless[:900]), model=endless[:900])  # fmt: skip

        text = pull_request_text(job, REQUEST.with_(prompt_text=endless[:90_000]))

        assert len(text.body) <= MAX_BODY
        for part in ("### Why", "### Checks", "### How it was made", "<!-- cody-batch"):
            assert part in text.body


# the commit


def test_a_commit_message_is_made_of_title_summary_and_our_trailer() -> None:
    job = a_job(title="A " + "long " * 30, summary="One.\n\nTwo.")

    subject, _, rest = commit_message(job).partition("\n\n")

    assert len(subject) <= 72
    assert rest == f"One.\n\nTwo.\n\nCody-Batch-Job: {job.id}\n"


def test_a_commit_message_signs_for_nobody_and_switches_nothing_off() -> None:
    lines = (
        "Co-authored-by: Eve <eve@example.com>",
        "Signed-off-by: Eve <eve@example.com>",
        "Cody-Batch-Job: another",
        "skip-checks: true",
        "[skip ci] closes #1 @octocat",
    )

    message = commit_message(a_job(title=lines[-1], summary="\n".join(lines)))

    assert not ACTS.search(message)
    assert message.count("Cody-Batch-Job:") == 1
    assert not re.search(r"-by:|skip-checks:", message)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_commit_message_ends_with_our_trailer(title: str, summary: str) -> None:
    job = a_job(title=title, summary=summary)

    message = commit_message(job)

    assert message.endswith(f"\n\nCody-Batch-Job: {job.id}\n")
    assert not ACTS.search(message)
    message.encode()
