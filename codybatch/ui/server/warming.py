"""Loads what pages need before the server answers, so that the first visitor need not wait.

Before, and not beside the first answers: threads that import the same modules at the same time may
see them half made.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import codybatch.ui

log = logging.getLogger(__name__)

SLOW = ("pandas", "pyarrow")
"""What Streamlit itself loads for the first chart or table."""


@asynccontextmanager
async def warm(_app: object) -> AsyncIterator[None]:
    """The ``lifespan`` of ``st.App``; requests that come meanwhile wait."""
    await asyncio.to_thread(load)
    yield


def load() -> None:
    """Import every module of the pages, and what they import."""
    pages = pkgutil.walk_packages(codybatch.ui.__path__, f"{codybatch.ui.__name__}.")
    for name in (*(module.name for module in pages), *SLOW):
        try:
            importlib.import_module(name)
        except ImportError as error:  # the page that needs it will say so
            log.warning("%s could not be loaded: %s", name, error)
