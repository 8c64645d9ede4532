"""The workbench's server as the network sees it: headers, names, origins, tokens, sessions."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import partial

import pytest
from websockets.exceptions import ConnectionClosed

from codybatch.stores.embedded.site import FolderSite
from tests.served_kit import Answer, Served, served

TOKEN = "a-token-for-this-test-alone-7"
NEEDED = {
    "content-security-policy",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "cross-origin-embedder-policy",
}
PLACES = (
    "/",
    "/job?id=x",
    "/favicon.png",
    "/static/no-such-file.js",
    "/media/no-such-file.patch",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/agent/openapi.json",
    "/_stcore/upload_file/a/b",
    "/_stcore/bidi-components/none/none.js",
    "/component/none/index.html",
    "//evil.example/%2e%2e",
    "/a/",
    "/reports/e-1/",
)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench for this machine, without a token."""
    with served(tmp_path_factory.mktemp("here")) as server:
        yield server


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench that other machines can reach."""
    home = tmp_path_factory.mktemp("elsewhere")
    named = {"CODYBATCH_ACCESS_NAMES": "Workbench.Example, other.example"}
    with served(home, host="0.0.0.0", CODYBATCH_ACCESS_TOKEN=TOKEN, **named) as server:
        yield server


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench behind a proxy, as `codybatch up` starts it for CODYBATCH_ACCESS_PROXIES."""
    home = tmp_path_factory.mktemp("behind")
    named = {"CODYBATCH_ACCESS_TOKEN": TOKEN, "FORWARDED_ALLOW_IPS": "127.0.0.1/32"}
    with served(home, host="0.0.0.0", **named) as server:
        yield server


def is_guarded(answer: Answer) -> bool:
    return answer.headers.keys() >= NEEDED and "public" not in answer.headers["cache-control"]


def cookie_of(answer: Answer) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS", "NONSENSE"])
@pytest.mark.parametrize("place", PLACES)
def test_every_answer_carries_the_headers(here: Served, place: str, method: str) -> None:
    assert is_guarded(here.get(place, method))


def test_a_published_report_is_shown_and_runs_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("reports")
    FolderSite(home).publish("e-1", {"index.html": b"<!doctype html><title>A report</title>"})
    with served(home) as server:
        answer = server.get("/reports/e-1/")

        assert (answer.status, answer.body) == (200, "<!doctype html><title>A report</title>")
        assert is_guarded(answer)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
        assert "script-src" not in policy
        assert server.get("/reports/e-2/").status == 404
        assert '<div id="root">' in server.get("/").body


def test_pages_are_served_here_without_a_token(here: Served) -> None:
    assert '<div id="root">' in here.get("/").body
    with here.websocket(origin=here.address) as socket:
        assert socket.response is not None
        assert socket.response.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.9", ""])
def test_under_another_name_nothing_is_served(here: Served, host: str) -> None:
    answer = here.get("/", host=host)

    assert answer.status == 400
    assert is_guarded(answer)
    assert "root" not in answer.body
    assert here.get("/_stcore/health", host=host).status == 400


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
def test_a_page_of_another_origin_is_refused(here: Served, origin: str) -> None:
    refused = here.refusal(origin=origin)

    assert refused.status == 403
    assert is_guarded(refused)
    assert here.get("/", origin=origin).status == 403
    assert here.get("/_stcore/upload_file/a/b", "PUT", "x", origin=origin).status == 403


def test_elsewhere_without_a_token_nothing_is_served_at_all(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with served(tmp_path_factory.mktemp("open"), host="0.0.0.0") as server:
        for place in PLACES:
            answer = server.get(place, accept="text/html")
            assert answer.status == 403, place
            assert "CODYBATCH_ACCESS_TOKEN" in answer.body
            assert is_guarded(answer)
        assert server.refusal().status == 403


@pytest.mark.parametrize("place", PLACES)
def test_elsewhere_nothing_is_served_before_one_signed_in(elsewhere: Served, place: str) -> None:
    for method in ("GET", "POST", "HEAD"):
        answer = elsewhere.get(place, method)
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert is_guarded(answer)


def test_nor_over_the_websocket(elsewhere: Served) -> None:
    refused = elsewhere.refusal(origin=elsewhere.address)

    assert refused.status == 401
    assert is_guarded(refused)
    assert (
        elsewhere.refusal(cookie=f"codybatch_session_{elsewhere.port}=x.9999999999.x").status == 401
    )


def test_the_first_deep_link_asks_for_the_token_and_leads_on(elsewhere: Served) -> None:
    asked = elsewhere.get("/job?id=1&tab=Diff", accept="text/html")

    assert asked.status == 401
    assert 'value="/job?id=1&amp;tab=Diff"' in asked.body
    signed_in = elsewhere.sign_in(TOKEN, "/job?id=1&tab=Diff", origin=elsewhere.address)
    assert signed_in.status == 303
    assert signed_in.headers["location"] == "/job?id=1&tab=Diff"
    kept = signed_in.headers["set-cookie"]
    assert "HttpOnly; SameSite=Strict" in kept
    assert TOKEN not in kept
    cookie = cookie_of(signed_in)
    assert '<div id="root">' in elsewhere.get("/job?id=1", cookie=cookie).body
    elsewhere.opens_websocket(cookie=cookie, origin=elsewhere.address)


def test_a_program_sends_the_token_with_each_request(elsewhere: Served) -> None:
    assert elsewhere.get("/_stcore/health", authorization=f"Bearer {TOKEN}").status == 200
    elsewhere.opens_websocket(authorization=f"Bearer {TOKEN}")
    for wrong in (f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer "):
        assert elsewhere.get("/_stcore/health", authorization=wrong).status == 401


def test_a_form_of_another_site_signs_nobody_in(elsewhere: Served) -> None:
    for origin in ("http://evil.example", "null"):
        assert elsewhere.sign_in(TOKEN, origin=origin).status == 403


def test_no_other_site_is_led_to(elsewhere: Served) -> None:
    assert elsewhere.sign_in(TOKEN, "//evil.example").headers["location"] == "/"


def test_a_form_that_is_too_long_is_not_read(elsewhere: Served) -> None:
    assert elsewhere.sign_in(TOKEN, "/" + "x" * 20_000).status == 401


def test_signing_out_ends_the_session_and_what_it_has_open(elsewhere: Served) -> None:
    cookie = cookie_of(elsewhere.sign_in(TOKEN))
    other = cookie_of(elsewhere.sign_in(TOKEN))
    with elsewhere.websocket(cookie=cookie) as socket:
        assert "Sign out" in elsewhere.get("/sign-out", cookie=cookie).body
        assert elsewhere.get("/sign-out", "POST", cookie=cookie).status == 303

        with pytest.raises(ConnectionClosed) as closed:
            deque(iter(partial(socket.recv, timeout=30), None), maxlen=0)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008
    assert elsewhere.get("/", cookie=cookie).status == 401
    assert elsewhere.refusal(cookie=cookie).status == 401
    assert elsewhere.get("/", cookie=other).status == 200


def test_it_answers_to_the_names_that_were_allowed_and_to_no_other(elsewhere: Served) -> None:
    token = f"Bearer {TOKEN}"
    for host, status in (
        (f"workbench.example:{elsewhere.port}", 200),
        ("other.example", 200),
        ("evil.example", 400),
    ):
        assert elsewhere.get("/", host=host, authorization=token).status == status


def test_guessing_is_slowed_down_and_whoever_is_in_stays_in(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with served(tmp_path_factory.mktemp("guessed"), CODYBATCH_ACCESS_TOKEN=TOKEN) as server:
        cookie = cookie_of(server.sign_in(TOKEN))
        assert [server.sign_in("wrong").status for _ in range(5)] == [401] * 5
        wrong = [server.get("/", authorization="Bearer wrong").status for _ in range(5)]
        assert wrong == [401] * 5

        slowed = server.sign_in(TOKEN)
        assert slowed.status == 429
        assert 0 < int(slowed.headers["retry-after"]) <= 61
        assert server.get("/", authorization=f"Bearer {TOKEN}").status == 429
        assert server.get("/", cookie=cookie).status == 200


def test_behind_a_proxy_guessing_is_counted_by_who_asks_and_not_by_the_proxy(
    behind: Served,
) -> None:
    def guess(**headers: str) -> int:
        return behind.sign_in("wrong", **headers).status

    guesses = [guess(x_forwarded_for="192.0.2.1") for _ in range(11)]
    assert guesses == [401] * 10 + [429]
    assert guess(x_forwarded_for="192.0.2.2") == 401
    # What the proxy did not write is no way around: the last address before it counts.
    assert guess(x_forwarded_for="198.51.100.7, 192.0.2.1") == 429


@pytest.mark.parametrize(
    "told", [{"x_forwarded_proto": "https"}, {"cloudfront_forwarded_proto": "https"}]
)
def test_behind_a_proxy_that_encrypts_the_cookie_is_sent_encrypted_alone(
    behind: Served, told: dict[str, str]
) -> None:
    assert "; Secure" in behind.sign_in(TOKEN, **told).headers["set-cookie"]
    assert "; Secure" not in behind.sign_in(TOKEN).headers["set-cookie"]
