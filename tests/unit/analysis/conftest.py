from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import codybatch
from codybatch.analysis.workspace import Workspace
from codybatch.stores.embedded import EmbeddedStore
from tests.ui_kit import Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    """A store to fill."""
    made = Gallery(tmp_path)
    yield made
    made.close()


@pytest.fixture
def store(gallery: Gallery) -> EmbeddedStore:
    """The same, for conversations."""
    return gallery.store


@pytest.fixture
def cb(gallery: Gallery) -> Iterator[Workspace]:
    """What looks at it."""
    with codybatch.connect(gallery.home) as workspace:
        yield workspace
