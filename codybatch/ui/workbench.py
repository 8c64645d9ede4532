"""What every page needs: the application behind it, its guard, and a notice for errors."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from codybatch.composition import Application, application, net
from codybatch.domain.errors import CodyBatchError, InvalidSetting, PolicyError
from codybatch.services.preferences import Theme
from codybatch.settings import Settings, load_settings
from codybatch.ui.components import muted, notice
from codybatch.ui.done import show_done
from codybatch.ui.navigation import ensure_routed
from codybatch.ui.plain_text import shown
from codybatch.ui.questions import come_to, show_question
from codybatch.ui.server.guard import Guard
from codybatch.ui.server.serving import listens_on
from codybatch.ui.server.sign_in import SIGN_OUT
from codybatch.ui.theme import follow
from codybatch.web.addresses import is_loopback

log = logging.getLogger(__name__)

_DEMONSTRATION = (
    "Demonstration: a stand-in model works on sample repositories. "
    "No key is used, nothing is spent."
)
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


def time_zone() -> tzinfo:
    """The zone of the person who looks: the one they prefer, else the browser's."""
    app = the_application()
    preferred = app.personal.preferences(app.person).value.time_zone
    try:
        return ZoneInfo(preferred or st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


@contextmanager
def page(title: str, area: str = "") -> Iterator[Application]:
    """A page: guarded, in our style, and with its errors told in words.

    Pages use this themselves because a deep link in a fresh process runs a page without the router.

    Args:
        title: what could not be shown, where it could not: "The list of jobs".
        area: the folder of ``codybatch/ui`` whose ``style.css`` is added to the shared one.
    """
    _refuse_other_addresses()
    ensure_routed()
    st.html(_STYLE)
    _let_dialogs_be_of_the_theme()
    if area:
        st.html(_STYLE.with_name(area) / "style.css")
    show_done()
    come_to(title)
    if _has_token():
        st.sidebar.html(f'<a href="{SIGN_OUT}" target="_self">Sign out</a>')
    with errors_told(title):
        app = the_application()
        if app.settings.is_demonstration:
            muted("demonstration", _DEMONSTRATION)
        theme = app.personal.preferences(app.person).value.theme
        if theme is not Theme.SYSTEM or area == "settings":  # there one goes back to the system's
            follow(theme)
        yield app
        show_question()


def _let_dialogs_be_of_the_theme() -> None:
    """Streamlit 1.67 says which scheme it is on the page alone: dialogs and menus lie outside of
    it, and there ``light-dark()`` would be light.
    """
    scheme = "dark" if st.context.theme.type == "dark" else "light"
    st.html(f"<style>:root {{ color-scheme: {scheme}; }}</style>")


@contextmanager
def errors_told(title: str) -> Iterator[None]:
    """Tell errors in words, with a number that the log knows; the traceback is for the log alone.

    A fragment needs this for itself: Streamlit runs it again without the page around it.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the page must say something; the log says all
        _tell_error(title, "shown", error)


def tell_uncaught(error: Exception) -> bool:
    """What ``st.App`` does about an error that was not told: of what a button or a field calls,
    which Streamlit does before it runs the page, or of a dialog. True: Streamlit need not show it.
    """
    _tell_error("What was asked for", "done", error)
    return True


def _tell_error(title: str, could_not_be: str, error: Exception) -> None:
    trouble = f"{title} could not be {could_not_be}"
    if isinstance(error, PolicyError):
        _tell_refused(title, error.message)
    elif not isinstance(error, CodyBatchError):
        said = f"Something went wrong on this page; your jobs go on. {_logged(title, error)}"
        _tell(trouble, said, try_again=True)
    elif error.exit_status == 2 and not isinstance(error, InvalidSetting):
        _tell(trouble, error.message)  # what was asked for was wrong; trying again is no use
    else:
        _tell(trouble, f"{error.message} {_logged(title, error)}", try_again=True)


def _logged(title: str, error: Exception) -> str:
    """Log an error without secrets; the sentence that names it."""
    number = uuid4().hex[:8]
    lines = "".join(traceback.format_exception(error))
    log.error("page %s, error %s\n%s", title, number, _clean(lines))
    return f"The log names it by {number}."


def _tell(trouble: str, message: str, *, try_again: bool = False) -> None:
    notice("error", "red", trouble, shown(message, _clean))
    if try_again:
        st.button("Try again", key=f"again-{trouble}", icon=":material/refresh:")


def _tell_refused(title: str, message: str) -> None:
    said = shown(message, _clean)
    notice("refused", "yellow", f"{title} is not permitted", said, icon=":material/lock:")


def _clean(text: str) -> str:
    """``text`` without secrets, also where the application cannot be made."""
    try:
        return net(load_settings()).clean(text)
    except InvalidSetting:
        return text


def _refuse_other_addresses() -> None:
    """Whoever can reach the server must have passed the guard; see ``codybatch.ui.server``."""
    address = listens_on()
    if Guard.stands or (is_loopback(address) and not _has_token()):
        return
    st.error(
        f"The workbench listens on {address}, which other machines can reach, and nothing stands "
        "before it that asks who they are. Start it with `codybatch up`.",
        icon=":material/lock:",
    )
    st.stop()


def _has_token() -> bool:
    try:
        return load_settings().access_token is not None
    except InvalidSetting:
        return False  # the page says what is wrong, and nothing else
