from __future__ import annotations

import ast

import pytest

from codybatch.standins.demonstration.tasks.safe_yaml import SafeYaml


def rewritten(text: str) -> str:
    result = SafeYaml().rewrite("a.py", text).text
    ast.parse(result)
    assert SafeYaml().rewrite("a.py", result).text == result
    return result


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import yaml\nyaml.load(x)\n", "import yaml\nyaml.safe_load(x)\n"),
        ("import yaml as y\ny.load_all(x)\n", "import yaml as y\ny.safe_load_all(x)\n"),
        ("from yaml import load\nload(x)\n", "from yaml import safe_load\nsafe_load(x)\n"),
        ("from yaml import load as l\nl(x)\n", "from yaml import safe_load as l\nl(x)\n"),
        (
            "from yaml import load\nload(x)\nload(x, Loader=L)\n",
            "from yaml import load, safe_load\nsafe_load(x)\nload(x, Loader=L)\n",
        ),
    ],
)
def test_a_load_without_a_loader_becomes_safe(before: str, after: str) -> None:
    assert rewritten(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "import yaml\nyaml.load(x, Loader=yaml.FullLoader)\n",
        "import yaml\nyaml.load(x, yaml.SafeLoader)\n",
        "from ruamel.yaml import YAML\nyaml = YAML()\nyaml.load(x)\n",
        "import json\njson.load(x)\n",
    ],
)
def test_a_named_loader_and_another_librarys_load_stay(text: str) -> None:
    assert rewritten(text) == text


def test_arguments_that_may_hold_a_loader_are_left_and_named() -> None:
    rewrite = SafeYaml().rewrite("a.py", "import yaml\nyaml.load(x, **options)\n")

    assert rewrite.places == 0
    assert rewrite.left == ("a.py:2: the arguments may hold a loader already.",)
