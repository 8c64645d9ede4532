from __future__ import annotations

import pytest

from codybatch.agent.tools.globs import Glob
from codybatch.domain.errors import ToolRefused


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.py", ["a.py", "src/b.py", ".py"], ["a.pyc", "py"]),
        ("src/*.py", ["src/a.py"], ["src/x/a.py", "lib/src/a.py"]),
        ("./src/*.py", ["src/a.py"], ["a.py"]),
        ("**/*.py", ["a.py", "x/y/a.py"], ["a.js"]),
        ("src/**", ["src/a", "src/b/c"], ["srcs/a", "src"]),
        ("src/**/test_*.py", ["src/test_a.py", "src/x/y/test_b.py"], ["src/x/a.py"]),
        ("a?c", ["abc", "x/a.c"], ["ac", "abbc"]),
        ("[ab].txt", ["a.txt", "b.txt"], ["c.txt"]),
        ("[!ab].txt", ["c.txt"], ["a.txt"]),
        ("[a-c]/x", ["b/x"], ["d/x"]),
        ("*.{js,ts,tsx}", ["a.js", "b/c.tsx"], ["a.jsx"]),
        ("{src,lib}/**/*.py", ["src/a.py", "lib/x/a.py"], ["test/a.py"]),
        ("a,b", ["a,b"], ["a"]),
        ("a}b", ["a}b"], ["ab"]),
        (r"\*", ["*"], ["a"]),
        ("a.b+c(d)", ["a.b+c(d)"], ["axb+c(d)"]),
        ("*", ["a", ".hidden", "x/y"], []),
        ("caf?", ["caf\u00e9"], ["caf"]),
    ],
)
def test_a_pattern_matches_what_it_names(
    pattern: str, matching: list[str], others: list[str]
) -> None:
    glob = Glob(pattern)
    assert [path for path in matching if not glob.matches(path)] == []
    assert [path for path in others if glob.matches(path)] == []


@pytest.mark.parametrize("pattern", ["", "./", "x" * 501, "{a,b", "[z-a]"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ToolRefused):
        Glob(pattern)


@pytest.mark.timeout(10)
def test_no_pattern_is_slow() -> None:
    assert not Glob("*a" * 200 + "b").matches("a" * 10_000)
    assert not Glob("**/" * 150 + "b").matches("a/" * 10_000 + "c")
