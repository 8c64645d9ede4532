"""What a page that Streamlit's test runner ran shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

PLAIN = frozenset({"text", "code", "bidi_component"})
"""Elements that read no markup; the component is the diff."""


def texts(app: AppTest) -> list[str]:
    """The plain texts, in order."""
    return [element.value for element in app.text]


def drawn_diff(app: AppTest) -> Any:
    """What the component that draws the diff was given."""
    (component,) = app.get("bidi_component")
    return json.loads(component.proto.json)


def said(app: AppTest) -> str:
    """Everything the page says, in plain texts, markdown and notices."""
    return "\n".join(str(one.proto) for one in elements(app)) + "\n".join(texts(app))


def question(app: AppTest) -> str:
    """The title of the dialog that is open, as markdown."""
    (dialog,) = app.get("dialog")
    return str(dialog.proto.dialog.title)


def rows(app: AppTest) -> list[str]:
    """The names in the list."""
    labels = [link.proto.label for link in links(app) if "**" in link.proto.label]
    return [re.sub(r":gray\[|\]|[*\\]", "", label) for label in labels]


def links(app: AppTest) -> list[Any]:
    """The links to pages."""
    return list(app.get("page_link"))


def parameters(app: AppTest, label: str) -> dict[str, str]:
    """The address's parameters of the link with this label."""
    (link,) = [link for link in links(app) if link.proto.label == label]
    return {name: values[0] for name, values in parse_qs(link.proto.query_string).items()}


def elements(app: AppTest, *, but: frozenset[str] = frozenset()) -> Iterator[Any]:
    """All elements of the page, leaving some types out."""
    yield from (one for one in _walk(app.main) if one.type not in but)


def _walk(node: Any) -> Iterator[Any]:
    for child in getattr(node, "children", {}).values():
        if hasattr(child, "children"):
            yield from _walk(child)
        else:
            yield child
