"""How the suite itself is run."""

from __future__ import annotations

import pytest

from tests.conftest import PATIENCE_SECONDS, patience_with


def test_what_may_take_longest_begins_first(request: pytest.FixtureRequest) -> None:
    patience = [patience_with(item) for item in request.session.items]

    assert patience == sorted(patience, reverse=True)


def test_a_test_that_names_no_time_has_the_suites(pytestconfig: pytest.Config) -> None:
    assert float(pytestconfig.getini("timeout")) == PATIENCE_SECONDS
