"""What every page needs: the application behind it, its guard, and a notice for errors."""

from __future__ import annotations

import ipaddress
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import streamlit as st

from codybatch.composition import Application, application, net
from codybatch.domain.errors import CodyBatchError, InvalidSetting
from codybatch.settings import Settings, load_settings
from codybatch.ui.components import notice
from codybatch.ui.navigation import ensure_routed
from codybatch.ui.plain_text import shown

log = logging.getLogger(__name__)

TITLE = "Cody Batch"
MARK = str(Path(__file__).with_name("mark.svg"))
"""The page's icon: a file of ours, so that nothing is fetched from elsewhere."""
_STYLE = Path(__file__).with_name("style.css")


def the_application() -> Application:
    """The one application of this server process; another where the environment has changed.

    Raises:
        InvalidSetting: a setting cannot be used.
    """
    return _application_of(load_settings())


def _identity(settings: Settings) -> str:
    return repr(sorted(settings.as_environment().items()))


def _let_go(app: Application) -> None:
    app.close()


@st.cache_resource(
    show_spinner=False, max_entries=1, hash_funcs={Settings: _identity}, on_release=_let_go
)
def _application_of(settings: Settings) -> Application:
    return application(settings)


@contextmanager
def page(title: str) -> Iterator[Application]:
    """A page: guarded, in our style, and with its errors told in words.

    Pages use this themselves because a deep link in a fresh process runs a page without ``app.py``.
    """
    _refuse_other_addresses()
    ensure_routed()
    st.html(_STYLE)
    with errors_told(title):
        yield the_application()


@contextmanager
def errors_told(title: str) -> Iterator[None]:
    """Tell errors in words, with a number that the log knows; the traceback is for the log alone.

    A fragment needs this for itself: Streamlit runs it again without the page around it.
    """
    try:
        yield
    except CodyBatchError as error:
        if error.exit_status == 2 and not isinstance(error, InvalidSetting):
            _tell(title, error.message)  # what was asked for was wrong; trying again is no use
        else:
            _tell(title, f"{error.message} {_logged(title)}", try_again=True)
    except Exception:  # noqa: BLE001 - the page must say something; the log says all
        said = f"Something went wrong on this page; your jobs go on. {_logged(title)}"
        _tell(title, said, try_again=True)


def _logged(title: str) -> str:
    """Log the error that is being handled, without secrets; the sentence that names it."""
    number = uuid4().hex[:8]
    log.error("page %s, error %s\n%s", title, number, _clean(traceback.format_exc()))
    return f"The log names it by {number}."


def _tell(title: str, message: str, *, try_again: bool = False) -> None:
    notice("error", "red", f"{title} could not be shown", shown(message, _clean))
    if try_again:
        st.button("Try again", icon=":material/refresh:")


def _clean(text: str) -> str:
    """``text`` without secrets, also where the application cannot be made."""
    try:
        return net(load_settings()).clean(text)
    except InvalidSetting:
        return text


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
