"""Puts the guard before Streamlit, as the settings say."""

from __future__ import annotations

from pathlib import Path

import streamlit
from starlette.middleware import Middleware
from streamlit import config

from codybatch.domain.errors import InvalidSetting
from codybatch.settings import load_settings
from codybatch.ui.server.access import Access
from codybatch.ui.server.guard import Door, Guard
from codybatch.ui.server.headers import page_policy
from codybatch.ui.server.reports import PublishedReports


def guard() -> list[Middleware]:
    """What ``st.App`` is to put before everything else, the outermost first."""
    return [Middleware(Guard, door()), *_reports()]


def door() -> Door:
    """What the guard is to know, read once.

    Where a setting cannot be used, no token is known: other machines are refused, and on this one
    the pages say which setting it is.
    """
    index = Path(streamlit.__file__).with_name("static") / "index.html"
    try:
        settings = load_settings()
    except InvalidSetting:
        token, names = "", frozenset[str]()
    else:
        token, names = settings.access_token_value(), settings.names_of_access()
    return Door(
        policy=page_policy(index.read_bytes()),
        address=listens_on,
        access=Access(token) if token else None,
        names=names,
    )


def _reports() -> list[Middleware]:
    """What shows published reports; nothing where the settings do not say where they are."""
    try:
        return [Middleware(PublishedReports, load_settings().home)]
    except InvalidSetting:
        return []


def listens_on() -> str:
    """The address that Streamlit was told to listen on."""
    return str(config.get_option("server.address") or "0.0.0.0")  # noqa: S104 - its own default
