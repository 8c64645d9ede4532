from __future__ import annotations

import pytest

from codybatch.standins.demonstration.inspections.deserialisation import UnsafeDeserialisation


def seen(text: str, path: str = "shop/a.py") -> list[tuple[int, str]]:
    return [(place.line, place.severity) for place in UnsafeDeserialisation().places(path, text)]


@pytest.mark.parametrize(
    "text",
    [
        "import pickle\npickle.loads(x)\n",
        "import pickle as p\np.load(file)\n",
        "from pickle import loads as read\nread(x)\n",
        "import shelve\nshelve.open('a')\n",
        "import yaml\nyaml.load(x)\n",
        "import yaml\nyaml.load_all(x, Loader=yaml.FullLoader)\n",
        "from yaml import load\nload(x, UnsafeLoader)\n",
    ],
)
def test_what_can_run_code_is_seen(text: str) -> None:
    assert seen(text) == [(2, "medium")]


@pytest.mark.parametrize(
    "text",
    [
        "import pickle\npickle.dumps(x)\n",
        "import json\njson.loads(x)\n",
        "import yaml\nyaml.safe_load(x)\n",
        "import yaml\nyaml.load(x, Loader=yaml.SafeLoader)\n",
        "def load(x): ...\nload(x)\n",
        "import pickle\nthis is no Python\n",
    ],
)
def test_what_cannot_is_not(text: str) -> None:
    assert seen(text) == []


def test_data_from_outside_is_worse_and_tests_are_left_out_unless_asked_for() -> None:
    text = "import pickle\npickle.loads(request.body)\n"

    assert seen(text) == [(2, "high")]
    assert seen(text, "tests/test_a.py") == []
    (place,) = UnsafeDeserialisation(with_tests=True).places("tests/test_a.py", text)
    assert (place.severity, place.calls_for_change) == ("low", False)
