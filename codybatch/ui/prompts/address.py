"""From one prompt, version or editor to another, on the page that shows them all."""

from __future__ import annotations

import streamlit as st

_NAMES = ("name", "v", "edit")


def show_another(name: str, version: int | None = None, edit: str = "") -> None:
    """Change the page's address to another prompt, a version of it, or its editor.

    A link to the page that is shown changes nothing in the browser's address (Streamlit 1.67). Use
    this in a callback, or run the page again after it.

    Args:
        name: of the prompt.
        version: the latest where it is None.
        edit: ``version`` for the editor.
    """
    wanted = {"name": name, "v": str(version) if version else "", "edit": edit}
    for parameter in _NAMES:
        if wanted[parameter]:
            st.query_params[parameter] = wanted[parameter]
        else:
            st.query_params.pop(parameter, None)
