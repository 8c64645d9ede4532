"""The page: whole, structured, of this place alone, and safe whatever was written into it."""

from __future__ import annotations

import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from codybatch.analysis.gathering.material import Material
from codybatch.analysis.report_files.html import MOST_EMBEDDED
from codybatch.analysis.report_files.making import Format, Writing, make_files
from codybatch.domain.experiments import Metric
from codybatch.domain.states import EndedBecause, JobState
from tests.report_files_kit import (
    PatchShelf,
    a_job_with,
    a_patch,
    everyday,
    written_from,
)
from tests.report_kit import (
    ACCEPT,
    REJECT,
    a_material,
    accepted_so_often,
    an_arm,
    an_ended,
    as_they_are,
    judged,
)
from tests.statistics_kit import A_ACCEPTED, B_ACCEPTED
from tests.ui_kit import AWKWARD, HIDING, SECRET

WORKBENCH = "http://127.0.0.1:8501"
VOID = {"meta", "br", "hr", "img", "input", "link"}
MARKUP = "</title></pre><script>alert(1)</script><img src=//evil.example/x onerror=alert(1)>"


class Reader(HTMLParser):
    """Reads a page: its elements, their text, and whether all that was opened was closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(
    material: Material, shelf: PatchShelf | None = None, *, diffs: bool = True, workbench: str = ""
) -> str:
    shelf = shelf or PatchShelf()
    writing = Writing((Format.HTML,), diffs, workbench)
    made = make_files(written_from(material, shelf), as_they_are, shelf.read, writing)
    return made["index.html"].decode()


@pytest.fixture(scope="module")
def page() -> str:
    shelf = PatchShelf()
    return page_of(everyday(shelf), shelf)


def test_the_page_has_its_parts_in_the_order_of_what_matters(page: str) -> None:
    found = Reader(page)

    ids = [attributes["id"] for attributes in found.of("h2")]
    assert ids == [
        *("setup", "health", "differences", "metrics", "matrix"),
        *("disagreements", "costs", "agreement", "methods"),
    ]
    assert page.index('id="verdict"') < page.index('id="setup"')
    assert "hints is better than plain." in found.text
    assert "95 % interval 5 to 45" in found.text
    contents = [one["href"] for one in found.of("a") if (one["href"] or "").startswith("#")]
    assert {f"#{one}" for one in ids} <= set(contents)
    every = {attributes["id"] for _, attributes in found.elements if "id" in attributes}
    assert {str(one)[1:] for one in contents} <= every


def test_ids_are_unique_and_headings_have_one_top(page: str) -> None:
    found = Reader(page)

    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert len(found.of("h1")) == 1


def test_nothing_runs_and_nothing_is_fetched(page: str) -> None:
    found = Reader(page)

    assert not found.of("script") + found.of("link") + found.of("iframe") + found.of("img")
    (policy,) = (one for one in found.of("meta") if "http-equiv" in one)
    assert policy["content"] == (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    )
    for tag, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "srcset", "action", "xlink:href", "data", "poster"):
            assert name not in attributes, tag
        address = attributes.get("href") or "#"
        assert address.startswith(("#", "data:text/csv;")), address
        assert "url(" not in (attributes.get("style") or "")
    assert "@import" not in page
    assert "url(" not in page


def test_every_table_has_a_caption_and_headings_with_their_scope(page: str) -> None:
    found = Reader(page)

    assert len(found.of("caption")) == len(found.of("table")) > 8
    assert all(one.get("scope") in {"col", "row"} for one in found.of("th"))
    assert len(found.of("title")) > 3
    assert all(one["role"] == "img" and one["aria-labelledby"] for one in found.of("svg"))


def test_every_repetition_leads_to_its_job(page: str) -> None:
    found = Reader(page)

    signs = [one["href"] for one in found.of("a") if "title" in one]
    assert len(signs) == 3 * 3 * 12
    assert len(set(signs)) == len(signs)


def test_where_a_workbench_is_known_its_pages_are_linked() -> None:
    shelf = PatchShelf()

    found = Reader(page_of(everyday(shelf), shelf, workbench=WORKBENCH))

    addresses = {one["href"] or "" for one in found.of("a")}
    outside = {one for one in addresses if one.startswith("http")}
    assert all(one.startswith(f"{WORKBENCH}/job?id=01j") for one in outside)
    assert {one.partition("&tab=")[2] for one in outside} == {"Diff", "Conversation"}


def test_both_patches_stand_beside_each_other_with_what_raters_said(page: str) -> None:
    text = Reader(page).text

    assert page.count('class="pair pair-head"') >= 9
    assert "+response = requests.get(url, timeout=" in text
    assert "-response = requests.get(url)" in text
    assert "Two other calls in the same file still have none." in text
    assert re.search(r"bob rejects, [12] of 5, blind: (wrong|incomplete|too large)", text)


def test_without_diffs_the_page_has_none() -> None:
    shelf = PatchShelf()

    page = page_of(everyday(shelf), shelf, diffs=False)

    assert "requests.get(url, timeout=" not in page
    assert "regressed" in page


def hostile(shelf: PatchShelf) -> Material:
    text = f"{MARKUP}{AWKWARD}{HIDING}"
    patch = a_patch("app/client.py", [text], [f"{MARKUP}\u202e{'x' * 5000}"])
    patch = patch.replace(b"app/client.py", MARKUP.replace("/", "_").encode())
    bad = a_job_with(shelf, "acme/api", patch, title=text)
    good = a_job_with(shelf, "acme/api", patch, title=text)
    arms = (
        an_arm("a<b>", {"acme/api": [judged(good, ACCEPT)]}, text=text, variables={"x": text}),
        an_arm(
            "b\u202e",
            {"acme/api": [judged(bad, REJECT, comment=text, reasons=(text,))]},
            text=f"{text} more",
        ),
    )
    return a_material(*arms, title=text, question=text)


def test_whatever_others_wrote_is_text() -> None:
    shelf = PatchShelf()

    page = page_of(hostile(shelf), shelf)

    found = Reader(page)
    assert not found.of("script") + found.of("img")
    assert len(found.of("b")) == 8  # the key of the matrix
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x1b]", page)
    assert "\\u202e" in found.text
    assert "alert(1)" in found.text
    assert all((one["href"] or "#")[0] in "#d" for one in found.of("a"))


def test_secrets_are_taken_out_of_comments_and_patches() -> None:
    shelf = PatchShelf()
    patch = a_patch("app/client.py", [f"token = '{SECRET}'"], ["token = None"])
    bad, good = (a_job_with(shelf, "acme/api", patch) for _ in range(2))
    material = a_material(
        an_arm("a", {"acme/api": [judged(good, ACCEPT)]}),
        an_arm("b", {"acme/api": [judged(bad, REJECT, comment=f"It prints {SECRET}")]}),
    )
    report = written_from(material, shelf)

    made = make_files(
        report, lambda text: text.replace(SECRET, "[redacted]"), shelf.read, Writing()
    )

    assert len(made) == 5
    assert not [name for name, content in made.items() if SECRET.encode() in content]
    assert b"It prints [redacted]" in made["index.html"]
    assert b"token = '[redacted]'" in made["index.html"]


def test_a_long_patch_is_cut_and_says_by_how_much() -> None:
    shelf = PatchShelf()
    long = a_patch("app/client.py", ["old"], [f"line {n}" for n in range(1_000)])
    bad, good = (a_job_with(shelf, "acme/api", long) for _ in range(2))
    material = a_material(
        an_arm("a", {"acme/api": [judged(good, ACCEPT)]}),
        an_arm("b", {"acme/api": [judged(bad, REJECT)]}),
    )

    page = page_of(material, shelf)

    assert "923 lines more" in page
    assert len(page) < 60_000


def test_a_patch_that_is_lost_is_named() -> None:
    shelf = PatchShelf()
    material = everyday(shelf)
    shelf._held.clear()

    page = page_of(material, shelf)

    assert "Its patch cannot be read." in page


@pytest.mark.parametrize("metric", list(Metric))
def test_a_report_can_be_about_any_metric(metric: Metric) -> None:
    shelf = PatchShelf()

    found = Reader(page_of(everyday(shelf, metric=metric), shelf))

    assert len(found.of("svg")) == 4
    assert "nan" not in found.text.lower().split()


def test_one_repository_says_how_little_it_shows() -> None:
    material = a_material(accepted_so_often("a", [1]), accepted_so_often("b", [3]))

    text = Reader(page_of(material)).text

    assert "Nothing can be concluded" in text
    assert "There is one repository only" in text


def test_ties_everywhere_show_no_difference() -> None:
    material = a_material(accepted_so_often("a", A_ACCEPTED), accepted_so_often("b", A_ACCEPTED))

    text = Reader(page_of(material)).text

    assert "No difference shown between a and b." in text
    assert "No arm did otherwise than the baseline on any repository." in text


def test_an_unfinished_experiment_concludes_nothing() -> None:
    running = an_ended("acme/api", state=JobState.RUNNING, ended_because=None, ended_at=None)
    material = a_material(
        an_arm("a", {"acme/api": [judged(an_ended(), ACCEPT)]}),
        an_arm("b", {"acme/api": [judged(running)]}),
    )

    text = Reader(page_of(material)).text

    assert "1 job not finished" in text
    assert "Nothing is concluded yet" in text
    assert "Where arms disagree is not known yet" in text


def test_failures_are_told_by_their_cause() -> None:
    failed = an_ended("acme/api", EndedBecause.REFUSED, ended_detail="It said no.")
    material = a_material(
        an_arm("a", {"acme/api": [judged(an_ended(), ACCEPT)]}),
        an_arm("b", {"acme/api": [judged(failed)]}),
    )

    text = Reader(page_of(material)).text

    assert "refused" in text
    assert "It said no." in text


def test_one_arm_alone_and_nobody_who_judged() -> None:
    free = an_ended("acme/api", cost_usd=Decimal(0), seconds_worked=0.0)
    material = a_material(an_arm("a", {"acme/api": [judged(free)]}))

    text = Reader(page_of(material)).text

    assert "There is nothing to compare: one arm only." in text
    assert "Nobody has judged a job." in text


def test_the_cells_are_carried_along_while_they_are_small(page: str) -> None:
    (carried,) = (one for one in Reader(page).of("a") if "download" in one)

    assert carried["download"] == "cells.csv"
    assert len(carried["href"] or "") < MOST_EMBEDDED * 1.4


def test_the_winner_is_named_at_the_top() -> None:
    material = a_material(accepted_so_often("a", A_ACCEPTED), accepted_so_often("b", B_ACCEPTED))

    assert "Better: b" in Reader(page_of(material)).text


def test_of_many_arms_the_first_are_in_the_answer_and_the_others_behind_a_fold() -> None:
    arms = [accepted_so_often(f"arm {number}", A_ACCEPTED) for number in range(8)]

    page = page_of(a_material(*arms))

    answer = page[page.index('id="verdict"') : page.index('id="setup"')]
    assert answer.index("arm 4 was accepted") < answer.index("<summary>3 more</summary>")
    assert answer.index("<summary>3 more</summary>") < answer.index("arm 5 was accepted")
