"""What services say to people, in the words of the pages: buttons in place of commands."""

from __future__ import annotations

import re

_COMMANDS: tuple[tuple[str, str], ...] = (
    (r"`codybatch jobs retry[^`]*`", "“Retry”"),
    (r"`codybatch jobs follow-up[^`]*`", "“Follow up”"),
    (r"`codybatch jobs publish[^`]*--override`", "publish it all the same"),
    (r"`codybatch jobs publish[^`]*`", "“Publish”"),
    (r"`codybatch jobs diff[^`]*`", "the tab Diff"),
    (r"`codybatch jobs patch[^`]*`", "the download in the tab Diff"),
    (r"`codybatch experiments resume[^`]*`", "“Resume”"),
    (r"`codybatch experiments retry[^`]*`", "“Retry failed”"),
    (r"`codybatch experiments (?:raise|budget)[^`]*`", "“Raise budget”"),
    (r"`codybatch requests release`", "“Release”"),
    (r"`codybatch requests raise`", "“Raise budget”"),
)


def for_pages(text: str) -> str:
    """A sentence that names commands, with the words of the buttons that do the same."""
    for command, button in _COMMANDS:
        text = re.sub(command, button, text)
    return text
