"""The Diff tab of a job's page: what the component is given, and what stands around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codybatch.composition import application
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.services.patch_files import read_patch
from codybatch.services.preferences import DiffView
from codybatch.settings import load_settings
from codybatch.ui.diff import component
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import drawn_diff, said, texts
from tests.ui_kit import DIFF, SECRET, Gallery

OTHER = DIFF.replace(b"ingest", b"other")


def test_the_diff_is_drawn_and_can_be_taken_away_and_applied(
    gallery: Gallery, open_page: OpenPage
) -> None:
    job = gallery.published()

    page = open_page("job", id=job.id, tab="Diff")

    assert not page.exception
    text = "-now = datetime.utcnow()\n+now = datetime.now(timezone.utc)\n print(now)"
    assert drawn_diff(page)["bodies"] == {"0:0": [[1, 1, 2, 2, "", text]]}
    labels = [button.label for button in page.download_button]
    assert "Download the patch (0.2 kB)" in labels
    how = f"git switch --detach {job.commit}\ngit apply --index {job.id}.patch"
    assert how in [code.value for code in page.code]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda gallery: gallery.running(), "It comes when the job has ended."),
        (lambda gallery: gallery.cancelled(), "This job made no patch."),
        (
            lambda gallery: gallery.ended(kind=Kind.AUDIT),
            "A job of the kind audit only reads, so it makes no patch.",
        ),
    ],
)
def test_a_job_without_a_patch_says_why(
    gallery: Gallery, open_page: OpenPage, make: Callable[[Gallery], Job], sentence: str
) -> None:
    page = open_page("job", id=make(gallery).id, tab="Diff")

    assert sentence in texts(page)
    assert not page.get("bidi_component")


def test_a_patch_that_removes_a_secret_shows_none_and_warns_of_the_download(
    gallery: Gallery, open_page: OpenPage
) -> None:
    patch = DIFF.replace(b"datetime.utcnow()", f'token = "{SECRET}"'.encode())
    page = open_page("job", id=gallery.ended(patch=patch).id, tab="Diff")

    assert SECRET not in said(page)
    assert "[redacted]" in drawn_diff(page)["bodies"]["0:0"][0][-1]


def test_what_a_person_viewed_and_prefers_is_there_when_the_page_is_opened_again(
    gallery: Gallery, open_page: OpenPage
) -> None:
    job = gallery.ended(patch=DIFF + OTHER)
    app = application(load_settings())
    file = read_patch(DIFF + OTHER)[1]
    app.personal.mark_viewed(app.person, job.id, "src/other.py", file.digest)
    app.personal.mark_viewed(Person("somebody"), job.id, "src/ingest.py", file.digest)
    app.personal.prefer(app.person, diff_view=DiffView.UNIFIED, ignore_whitespace=True)
    app.close()

    drawn = drawn_diff(open_page("job", id=job.id, tab="Diff"))

    assert drawn["viewed"] == [1]
    assert (drawn["split"], drawn["ignoreWhitespace"]) == (False, True)


def test_an_install_without_the_viewer_shows_the_patch_as_text_and_says_what_to_do(
    gallery: Gallery, open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(component, "VIEWER", tmp_path / "missing")

    page = open_page("job", id=gallery.ended(patch=DIFF + OTHER * 2_000).id, tab="Diff")

    assert any("make setup" in text for text in texts(page))
    assert page.code[-1].value.startswith("diff --git a/src/ingest.py")
    assert any("only its beginning" in caption.value for caption in page.caption)
