"""Pages run by Streamlit's own test runner, over a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

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
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODYBATCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def gallery(home: Path) -> Iterator[Gallery]:
    made = Gallery(home)
    yield made
    made.close()


@pytest.fixture
def open_page() -> OpenPage:
    """Opens a page by its address, as a deep link into a new server does."""

    def opened(page: str = "", **parameters: str) -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=20)
        for name, value in parameters.items():
            app.query_params[name] = value
        if page:
            app.switch_page(f"pages/{page}.py")
        return app.run()

    return opened
