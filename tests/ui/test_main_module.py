"""A page that ran here leaves nothing behind that a later process would run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.contracts.fixtures import in_processes
from tests.spawn_kit import MAIN, main_given_back


def script(word: str) -> None:
    import streamlit as st  # noqa: PLC0415 - a script of its own

    st.text(word)


def where_i_run(wait: Callable[[], int]) -> int:
    wait()
    return os.getpid()


def test_a_script_takes_the_place_of_main_until_it_is_given_back() -> None:
    before = sys.modules[MAIN]

    with main_given_back():
        AppTest.from_function(script, args=("shown",)).run()
        assert sys.modules[MAIN] is not before

    assert sys.modules[MAIN] is before


def test_a_process_that_starts_after_a_script_does_not_run_it_again() -> None:
    page = AppTest.from_function(script, args=("shown",)).run()

    pids = in_processes([(where_i_run, ()), (where_i_run, ())])

    assert page.text[0].value == "shown"
    assert len({*pids, os.getpid()}) == 3
