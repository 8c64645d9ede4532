from __future__ import annotations

import pytest

from codybatch.standins.demonstration.tasks.return_none import ReturnNone


def rewritten(text: str) -> str:
    result = ReturnNone().rewrite("a.py", text).text
    assert ReturnNone().rewrite("a.py", result).text == result
    return result


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f():\n    act()\n", "def f() -> None:\n    act()\n"),
        ("async def f(a, b=[1]):\n    act()\n", "async def f(a, b=[1]) -> None:\n    act()\n"),
        ("def f(\n    a,\n): act()\n", "def f(\n    a,\n) -> None: act()\n"),
        (
            "def f(a: int = 1):  # why\n    act()\n",
            "def f(a: int = 1) -> None:  # why\n    act()\n",
        ),
        (
            'def f():\n    """Act."""\n    return\n',
            'def f() -> None:\n    """Act."""\n    return\n',
        ),
        (
            "class A:\n    def __init__(self):\n        self.a = lambda: 1\n",
            "class A:\n    def __init__(self) -> None:\n        self.a = lambda: 1\n",
        ),
        (
            "def f():\n    @d\n    def g():\n        return 1\n    g()\n",
            "def f() -> None:\n    @d\n    def g():\n        return 1\n    g()\n",
        ),
    ],
)
def test_a_function_that_returns_nothing_says_so(before: str, after: str) -> None:
    assert rewritten(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    return 1\n",
        "def f():\n    yield\n",
        "def f() -> int:\n    act()\n",
        "def f():\n    raise NotImplementedError\n",
        "def f():\n    ...\n",
        "@pytest.fixture\ndef f():\n    act()\n",
    ],
)
def test_every_other_function_stays(text: str) -> None:
    assert rewritten(text) == text


def test_tests_are_annotated_where_that_is_asked_for() -> None:
    text = "def test_a():\n    act()\n"

    assert ReturnNone().rewrite("tests/test_a.py", text).text == text
    assert "-> None" in ReturnNone(with_tests=True).rewrite("tests/test_a.py", text).text
