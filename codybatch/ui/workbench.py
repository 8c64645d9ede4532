"""What every page needs: the application behind it, its guard, and a notice for errors."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import streamlit as st

from codybatch.composition import Application, application
from codybatch.domain.errors import CodyBatchError
from codybatch.settings import load_settings

log = logging.getLogger(__name__)

TITLE = "Cody Batch"
MARK = str(Path(__file__).with_name("mark.svg"))
"""The page's icon: a file of ours, so that nothing is fetched from elsewhere."""


@st.cache_resource(show_spinner=False)
def the_application() -> Application:
    """The one application of this server process."""
    return application(load_settings())


@contextmanager
def page(title: str) -> Iterator[Application]:
    """A page: guarded, titled, and with its errors told in words.

    Pages use this themselves because a deep link in a fresh process runs a page without ``app.py``.
    """
    _refuse_other_addresses()
    try:
        yield the_application()
    except CodyBatchError as error:
        _tell(title, error.message)
    except Exception:  # the page must say something; the log says all
        number = uuid4().hex[:8]
        log.exception("page %s, error %s", title, number)
        _tell(title, f"Something went wrong on this page. The log names it by {number}.")


def _refuse_other_addresses() -> None:
    """There is no access control yet, so the server must listen on this machine only."""
    address = st.get_option("server.address") or "0.0.0.0"  # noqa: S104 - Streamlit's own default
    if not _is_loopback(str(address)):
        st.error(
            f"The workbench listens on {address}, which other machines can reach, and it has no "
            "access control. Start it with `codybatch up`, which listens on 127.0.0.1.",
            icon=":material/lock:",
        )
        st.stop()


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _tell(title: str, message: str) -> None:
    st.error(f"{title} could not be shown. {message}", icon=":material/error:")
    st.button("Try again", icon=":material/refresh:")
