from __future__ import annotations

import ast

import pytest

from codybatch.standins.demonstration.tasks.request_timeouts import RequestTimeouts, seconds_in


def rewritten(text: str) -> str:
    result = RequestTimeouts(10).rewrite("a.py", text).text
    ast.parse(result)
    assert RequestTimeouts(10).rewrite("a.py", result).text == result
    return result


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("requests.get(url)", "requests.get(url, timeout=10)"),
        ("requests.post(url, json=data)", "requests.post(url, json=data, timeout=10)"),
        ("requests.get((a + b))", "requests.get((a + b), timeout=10)"),
        ("requests.get(\n    url,\n)", "requests.get(\n    url,\n    timeout=10,\n)"),
        ("requests.get(\n    url\n)", "requests.get(\n    url,\n    timeout=10\n)"),
        (
            "requests.get(\n    url,  # the page\n)",
            "requests.get(\n    url,\n    timeout=10,  # the page\n)",
        ),
        (
            'requests.get(url, headers={\n    "a": "b",\n})',
            'requests.get(url, headers={\n    "a": "b",\n}, timeout=10)',
        ),
        ("requests.request()", "requests.request(timeout=10)"),
        (
            "requests.get(requests.get(a).text)",
            "requests.get(requests.get(a, timeout=10).text, timeout=10)",
        ),
    ],
)
def test_a_call_gets_its_timeout_in_its_own_layout(before: str, after: str) -> None:
    assert rewritten(f"import requests\n{before}\n") == f"import requests\n{after}\n"


@pytest.mark.parametrize(
    "text",
    [
        "import requests\nrequests.get(url, timeout=3)\n",
        "import requests\nrequests.get(url, timeout=None)\n",
        "import requests\nrequests.codes.get(url)\n",
        "requests = {}\nrequests.get(url)\n",
        "import requests\nsettings.get(key)\n",
    ],
)
def test_what_has_a_timeout_or_is_no_request_stays(text: str) -> None:
    assert rewritten(text) == text


def test_other_names_of_the_library_are_known() -> None:
    text = "import requests as r\nfrom requests import post as send\nr.get(u)\nsend(u)\n"

    assert rewritten(text).endswith("r.get(u, timeout=10)\nsend(u, timeout=10)\n")


def test_sessions_are_followed_within_their_function_or_class() -> None:
    text = (
        "import requests\n\n\n"
        "class Shop:\n"
        "    def __init__(self):\n        self.http = requests.Session()\n\n"
        "    def orders(self):\n        return self.http.get(URL)\n\n\n"
        "def fetch():\n    with requests.Session() as session:\n        session.get(URL)\n\n\n"
        "def store(session):\n    return session.get(Order)\n"
    )

    result = rewritten(text)

    assert "self.http.get(URL, timeout=10)" in result
    assert "session.get(URL, timeout=10)" in result
    assert "session.get(Order)\n" in result


def test_arguments_that_may_hold_a_timeout_are_left_and_named() -> None:
    rewrite = RequestTimeouts(10).rewrite("a.py", "import requests\nrequests.get(u, **options)\n")

    assert rewrite.places == 0
    assert rewrite.left == ("a.py:2: the arguments may hold a timeout.",)


def test_a_call_that_takes_no_further_argument_leaves_the_file_as_it_is() -> None:
    text = "import requests\nrequests.get(x for x in y)\n"

    rewrite = RequestTimeouts(10).rewrite("a.py", text)

    assert rewrite.text == text
    assert rewrite.left


@pytest.mark.parametrize(
    ("task", "seconds"),
    [
        ("add timeout=30 to requests", 30),
        ("add a timeout of 5 seconds", 5),
        ("a 20-second timeout", 20),
        ("add a timeout", 10),
    ],
)
def test_the_seconds_come_from_the_task(task: str, seconds: int) -> None:
    assert seconds_in(task) == seconds
