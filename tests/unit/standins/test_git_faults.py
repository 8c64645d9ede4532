"""Which request a fault strikes."""

from __future__ import annotations

import pytest

from codybatch.standins.git import Fault, FaultQueue


@pytest.mark.parametrize(
    ("route", "method", "path", "query", "fits"),
    [
        ("POST /repos/*/pulls", "POST", "/repos/a/b/pulls", "", True),
        ("POST /repos/*/pulls", "GET", "/repos/a/b/pulls", "", False),
        ("POST /repos/*/pulls", "POST", "/repos/a/b/pulls/1", "", False),
        ("* *", "PATCH", "/anything", "x=1", True),
        ("GET /*/info/refs?service=git-receive-pack", "GET", "/a/b.git/info/refs", "", False),
        (
            "GET /*/info/refs?service=git-receive-pack",
            "GET",
            "/a/b.git/info/refs",
            "service=git-receive-pack",
            True,
        ),
    ],
)
def test_a_route_names_method_path_and_perhaps_query(
    route: str, method: str, path: str, query: str, fits: bool
) -> None:
    assert Fault(route=route, kind="cut").fits(method, path, query) is fits


def test_a_fault_strikes_as_often_as_it_says_after_those_it_lets_pass() -> None:
    queue = FaultQueue()
    queue.add(Fault(route="GET /a", kind="cut", skip=2, times=2))

    struck = [queue.take("GET", "/a") is not None for _ in range(6)]

    assert struck == [False, False, True, True, False, False]


def test_the_oldest_fault_that_fits_comes_first() -> None:
    queue = FaultQueue()
    queue.add(Fault(route="GET /b", kind="cut"), Fault(route="* *", kind="answer", status=500))
    queue.add(Fault(route="GET /a", kind="answer", status=401))

    first = queue.take("GET", "/a")
    second = queue.take("GET", "/a")

    assert first is not None
    assert second is not None
    assert (first.status, second.status) == (500, 401)
    assert [fault.route for fault in queue.pending()] == ["GET /b"]
