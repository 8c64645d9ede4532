from __future__ import annotations

import pytest

from codybatch.standins.demonstration.inspections.swallowed import SwallowedExceptions


def seen(handler: str) -> list[tuple[int, str]]:
    text = f"try:\n    act()\n{handler}\n"
    return [(place.line, place.severity) for place in SwallowedExceptions().places("a.py", text)]


@pytest.mark.parametrize(
    ("handler", "severity"),
    [
        ("except:\n    pass", "medium"),
        ("except Exception:\n    return_value = None", "medium"),
        ("except (ValueError, Exception):\n    x = 1", "medium"),
        ("except KeyError:\n    pass", "low"),
    ],
)
def test_a_handler_that_tells_nobody_is_seen(handler: str, severity: str) -> None:
    assert seen(handler) == [(3, severity)]


@pytest.mark.parametrize(
    "handler",
    [
        "except Exception:\n    raise",
        "except Exception as error:\n    errors.append(error)",
        "except Exception:\n    log.exception('no')",
        "except Exception:\n    self.log.error('no')",
        "except KeyError:\n    x = None",
        "finally:\n    pass",
    ],
)
def test_one_that_raises_tells_or_answers_is_not(handler: str) -> None:
    assert seen(handler) == []


def test_suppressing_everything_counts() -> None:
    text = "with contextlib.suppress(Exception):\n    act()\nwith suppress(KeyError):\n    act()\n"

    assert [place.line for place in SwallowedExceptions().places("a.py", text)] == [1]
