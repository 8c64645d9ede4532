"""Acts that ask first, and what is said once they are done."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.page_contents import texts


def a_page(folder: str, fails: bool) -> None:
    """A script of its own: a button that asks, and an act that leaves a file or is refused."""
    from pathlib import Path  # noqa: PLC0415

    import streamlit as st  # noqa: PLC0415

    from codybatch.domain.errors import PolicyError  # noqa: PLC0415
    from codybatch.ui.acts import Question, confirm  # noqa: PLC0415
    from codybatch.ui.done import show_done  # noqa: PLC0415
    from codybatch.ui.live import current  # noqa: PLC0415
    from codybatch.ui.workbench import the_application  # noqa: PLC0415

    def act() -> None:
        if fails:
            raise PolicyError("It may not be **cancelled**.")
        Path(folder, "done").touch()

    app = the_application()
    show_done()
    st.text(f"done: {current(app, 'done', lambda: Path(folder, 'done').exists())}")
    question = Question(
        "Cancel 2 running jobs?",
        ("They stop.", "$0.84 stays spent."),
        act="Cancel 2 jobs",
        keep="Keep running",
        done="2 jobs cancelled",
    )
    if st.button("Cancel", key="cancel"):
        confirm(app, question, act)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def asked(folder: Path, *, fails: bool = False) -> AppTest:
    page = AppTest.from_function(a_page, args=(str(folder), fails), default_timeout=20).run()
    return page.button(key="cancel").click().run()


def test_what_stops_and_what_stays_is_said_before_anything_is_done(folder: Path) -> None:
    page = asked(folder)

    assert {"They stop.", "$0.84 stays spent."} <= set(texts(page))
    assert [button.label for button in page.button][1:] == ["Keep running", "Cancel 2 jobs"]
    assert not (folder / "done").exists()


def test_nothing_is_done_where_it_is_kept(folder: Path) -> None:
    page = asked(folder)

    page.button(key="ask-keep").click().run()

    assert not (folder / "done").exists()
    assert not page.toast
    assert texts(page) == ["done: False"]
