"""What services say, in the words of the pages."""

from __future__ import annotations

from codybatch.domain.states import ENDINGS, WAITING_TEXTS
from codybatch.ui.for_pages import for_pages


def test_no_next_step_on_a_page_sends_a_person_to_the_command_line_for_what_a_button_does() -> None:
    buttons = ("jobs retry", "jobs follow-up", "jobs publish", "requests release", "requests raise")
    steps = [one.next_step for one in ENDINGS.values()]
    steps += [one.next_step for one in WAITING_TEXTS.values()]

    assert any("`codybatch jobs retry`" in step for step in steps)
    for step in steps:
        assert not any(f"`codybatch {button}" in for_pages(step) for button in buttons)
