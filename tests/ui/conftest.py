"""Pages run by Streamlit's own test runner, over a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from tests.spawn_kit import main_given_back
from tests.ui_kit import Gallery

ROOT = Path(__file__).parents[2]
OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _served_on_this_machine() -> Iterator[None]:
    before = config.get_option("server.address")
    config.set_option("server.address", "127.0.0.1")
    yield
    config.set_option("server.address", before)
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def _main_as_before() -> Iterator[None]:
    with main_given_back():
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODYBATCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def gallery(home: Path) -> Iterator[Gallery]:
    made = Gallery(home)
    yield made
    made.close()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Opens a page by its address, as a deep link into a new server does: nothing is kept of what
    another session read. What is pressed there afterwards runs in the same server.
    """
    begin = PagesManager.__init__

    def begin_in_the_same_server(manager: PagesManager, *given: Any, **named: Any) -> None:
        """Streamlit's test runner takes each run for the first one of a server."""
        begin(manager, *given, **named)
        PagesManager.uses_pages_directory = False

    def opened(page: str = "", **parameters: str) -> AppTest:
        st.cache_resource.clear()
        monkeypatch.setattr(PagesManager, "__init__", begin)
        app = AppTest.from_file(ROOT / "router.py", default_timeout=20)
        for name, value in parameters.items():
            app.query_params[name] = value
        if page:
            app.switch_page(f"pages/{page}.py")
        app.run()
        monkeypatch.setattr(PagesManager, "__init__", begin_in_the_same_server)
        return app

    return opened
