"""Who may ask the API for what, from where, how much and how often."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from codybatch.api.allowance import Allowance
from codybatch.api.application import door_of, served
from codybatch.api.guard import OPEN
from codybatch.api.tokens import Tokens, entry_of
from codybatch.api_settings import Scope
from codybatch.composition import Application, application
from codybatch.settings import load_settings
from codybatch.web.failures import MOST_FAILURES
from tests.api_kit import Client, a_token, serving, tokens_for

ANN = a_token("ann", Scope.READ)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    made = application(load_settings(home=tmp_path_factory.mktemp("home"), person="dana"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def guarded(app: Application) -> Iterator[Client]:
    """An API with tokens; one has no scope but ``judge``."""
    tokens = tokens_for(ann=(Scope.READ,), judy=(Scope.JUDGE,), root=(Scope.ADMIN,))
    with serving(app, tokens=tokens) as client:
        yield client


def operations(app: Application) -> list[tuple[str, str, str]]:
    """Method, path and scope of every endpoint, as the document of the API has them."""
    document = served(app, door_of(app, "127.0.0.1"))._app.openapi()  # type: ignore[attr-defined]
    return [
        (method.upper(), path.replace("{", "").replace("}", ""), scope)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for scope in [one["token"][0] for one in operation.get("security", [])] or [""]
    ]


def test_every_endpoint_but_the_open_ones_needs_a_token_and_its_scope(
    app: Application, guarded: Client
) -> None:
    judy = guarded.as_(a_token("judy", Scope.JUDGE))
    found = operations(app)

    assert {path for _, path, scope in found if not scope} == OPEN - {"/v1/openapi.json"}
    for method, path, scope in found:
        body: object = {} if method in {"POST", "PUT", "PATCH"} else None
        if not scope:
            assert guarded.send(method, path).status == 200
            continue
        refused = guarded.send(method, path, body)
        assert (refused.status, refused.problem) == (401, "no_access"), path
        assert refused.headers["www-authenticate"] == 'Bearer realm="codybatch"'
        if scope == Scope.JUDGE:
            continue
        missing = judy.send(method, path, body)
        assert (missing.status, missing.problem) == (403, "scope_missing"), path
        assert f"no scope '{scope}'" in missing.json["detail"]
        assert f'scope="{scope}"' in missing.headers["www-authenticate"]


def test_admin_may_do_everything(app: Application, guarded: Client) -> None:
    root = guarded.as_(a_token("root", Scope.ADMIN))

    for method, path, _ in operations(app):
        if method == "GET":
            assert root.get(path).status not in {401, 403}, path


def test_a_path_that_is_not_there_is_told_to_nobody_without_a_token(guarded: Client) -> None:
    assert guarded.get("/v1/secret-things").status == 401
    assert guarded.as_(ANN).get("/v1/secret-things").problem == "no_such_path"
    assert guarded.as_(ANN).get("/").problem == "no_such_path"
    wrong = guarded.as_(ANN).delete("/v1/jobs")
    assert (wrong.status, wrong.problem) == (405, "wrong_method")
    assert wrong.headers["allow"] == "GET"


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "Token x", "Bearer \xff\xfe", "bearer  "],
)
def test_a_token_that_opens_nothing_is_refused_and_not_repeated(
    app: Application, authorization: str
) -> None:
    with serving(app, tokens=tokens_for(ann=(Scope.READ,))) as client:
        refused = client.get("/v1/jobs", authorization=authorization)

    assert (refused.status, refused.problem) == (401, "no_access")
    assert b"wrong" not in refused.body


def test_a_token_is_exchanged_without_a_moment_in_which_none_opens(app: Application) -> None:
    old, new = entry_of("ann", ["read"], "old"), entry_of("ann", ["read"], "new")

    for known, opens in (([old], [200, 401]), ([old, new], [200, 200]), ([new], [401, 200])):
        with serving(app, tokens=Tokens(known)) as client:
            assert [client.as_(one).get("/v1/jobs").status for one in ("old", "new")] == opens


def test_after_some_wrong_tokens_their_address_waits(app: Application) -> None:
    with serving(app, tokens=tokens_for(ann=(Scope.READ,))) as client:
        statuses = [client.as_(f"guess-{n}").get("/v1/jobs").status for n in range(MOST_FAILURES)]
        waits = client.as_("one-more").get("/v1/jobs")

        assert statuses == [401] * MOST_FAILURES
        assert (waits.status, waits.problem) == (429, "too_many_requests")
        assert 1 <= int(waits.headers["retry-after"]) <= 60
        assert client.get("/v1/health").status == 200


def test_who_asks_too_often_waits_and_others_do_not(app: Application) -> None:
    tokens = tokens_for(ann=(Scope.READ,), bob=(Scope.READ,))
    with serving(app, tokens=tokens, allowance=Allowance(18, lambda: 0.0)) as client:
        ann, bob = client.as_(ANN), client.as_(a_token("bob", Scope.READ))
        statuses = [ann.get("/v1/jobs").status for _ in range(4)]
        waits = ann.get("/v1/jobs")

        assert statuses == [200, 200, 200, 429]
        assert waits.headers["retry-after"] == "4"
        assert bob.get("/v1/jobs").status == 200
        metrics = bob.get("/v1/metrics").body.decode()
        assert 'requests_total{method="GET",route="none",status="429"} 2' in metrics
        assert "codybatch_http_throttled_total 2" in metrics


def test_without_tokens_this_machines_person_may_do_everything_from_here(app: Application) -> None:
    with serving(app) as client:
        saved = client.put("/v1/prompts/mine", {"template": "Do it."})
        archived = client.post("/v1/prompts/mine/archive")

    assert saved.json["createdBy"] == "dana"
    assert archived.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example:80"},
        {"host": "user@127.0.0.1"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ],
)
def test_no_page_of_others_asks_in_this_persons_name(
    app: Application, headers: dict[str, str]
) -> None:
    with serving(app) as client:
        refused = client.get("/v1/jobs", **headers)
        assert client.get("/v1/jobs", host="localhost").status == 200

    assert (refused.status, refused.problem) == (403, "not_from_here")
    assert not [name for name in refused.headers if name.startswith("access-control")]


def test_an_address_for_others_without_tokens_opens_nothing(app: Application) -> None:
    with serving(app, address="0.0.0.0") as client:
        refused = client.get("/v1/jobs")

        assert (refused.status, refused.problem) == (403, "not_from_here")
        assert "CODYBATCH_API_TOKENS" in refused.json["detail"]
        assert client.get("/v1/health").status == 200


def test_every_answer_has_our_headers(guarded: Client) -> None:
    for reply in (
        guarded.get("/v1/health"),
        guarded.get("/v1/jobs"),
        guarded.get("/v1/openapi.json"),
        guarded.as_(ANN).get("/v1/nowhere"),
    ):
        assert reply.headers["content-security-policy"].startswith("default-src 'none'")
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"
        assert "server" not in reply.headers or reply.headers["server"] == "uvicorn"


# --- bodies ------------------------------------------------------------------------------------


def test_a_body_larger_than_is_taken_is_refused_before_it_is_read(app: Application) -> None:
    with serving(app, most_bytes=1000) as client:
        told = client.put("/v1/prompts/x", {"template": "x" * 1000})
        fits = client.put("/v1/prompts/x", {"template": "x" * 900})

    assert (told.status, told.problem) == (413, "body_too_large")
    assert "1,000 bytes" in told.json["detail"]
    assert fits.status == 200


def test_a_body_where_none_is_taken_is_refused_rather_than_forgotten(app: Application) -> None:
    with serving(app) as client:
        client.put("/v1/prompts/x", {"template": "x"})
        refused = client.post("/v1/prompts/x/unarchive", {"because": "I say so"})

        assert (refused.status, refused.problem) == (400, "body_not_taken")
        assert client.post("/v1/prompts/x/unarchive", {}).status == 200
        assert client.post("/v1/prompts/x/unarchive").status == 200


def test_a_body_that_does_not_say_how_large_it_is_is_measured(app: Application) -> None:
    with serving(app, most_bytes=1000) as client:
        answer = exchange(
            client,
            b"PUT /v1/prompts/x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
            + (b"200\r\n" + b"x" * 512 + b"\r\n") * 3
            + b"0\r\n\r\n",
        )

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_slow_client_is_let_go_and_keeps_nobody_waiting(app: Application) -> None:
    head = (
        b"PUT /v1/prompts/x HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    with (
        serving(app, body_seconds=0.5) as client,
        socket.create_connection(("127.0.0.1", client.port), timeout=30) as slow,
    ):
        slow.sendall(head)
        assert client.get("/v1/health").status == 200
        answer = b"".join(iter(lambda: slow.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"too_slow" in answer


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "multipart/form-data; boundary=x"},
        {"content_type": "application/json; charset=latin-1"},
        {"content_type": "application/jsonx"},
        {"content_type": ""},
        {"content_encoding": "gzip"},
    ],
)
def test_a_body_that_is_not_json_is_refused_by_its_type(
    app: Application, headers: dict[str, str]
) -> None:
    with serving(app) as client:
        refused = client.put("/v1/prompts/x", {"template": "x"}, **headers)
        taken = client.put(
            "/v1/prompts/x", {"template": "x"}, content_type="Application/JSON; charset=UTF-8"
        )

    assert (refused.status, refused.problem) == (415, "wrong_content_type")
    assert refused.headers["accept"] == "application/json"
    assert taken.status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"1e999",
        b"[" * 200_000,
        b'{"template": "a\\u0000b"}',
        b'{"template": "\\ud83d"}',
        b'{"template": "x", "template": "y"}',
        b'{"template": NaN}',
        b'{"template": ' + b"7" * 10_000 + b"}",
        b'{"template": "x", "kind": ' + b"[" * 60 + b"]" * 60 + b"}",
        b'{"template": "x", "variables": {"__proto__": 1}}',
        b'{"template": "x", "answerSchema": 5}',
    ],
)
def test_hostile_json_is_the_senders_mistake(app: Application, body: bytes) -> None:
    with serving(app) as client:
        refused = client.put("/v1/prompts/x", body)

    assert 400 <= refused.status < 500, refused.body
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/jobs?search=%00",
        "/v1/jobs/%00",
        "/v1/jobs?cursor=%00",
        "/v1/jobs?search=%ff%fe",
        "/v1/jobs?limit=1&limit=2",
        "/v1/jobs?after=999999999999999999999999999999",
        "/v1/jobs/..%2f..%2fetc%2fpasswd",
        "/v1/prompts/" + "a" * 5000,
        "/v1/prompts/x?version=99999999999999999999",
        "/v1/prompts/x%40" + "9" * 99,
        "/v1/schedules/" + "%F0%9F%92%A5" * 40,
        "/v1/requests?repository=%2e%2e/%2e%2e",
        "//v1/jobs",
        "/v1/jobs/",
    ],
)
def test_hostile_addresses_are_the_senders_mistake(app: Application, path: str) -> None:
    with serving(app) as client:
        reply = client.get(path)

    assert reply.status < 500, reply.body
    assert "traceback" not in reply.body.decode().lower()


def test_requests_that_are_no_http_do_not_stop_the_server(app: Application) -> None:
    with serving(app) as client:
        for garbage in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"\xff" * 70_000):
            exchange(client, garbage)
        assert client.get("/v1/health").status == 200


def test_what_breaks_inside_is_a_problem_with_an_id_and_no_traceback(
    app: Application, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> datetime:
        raise RuntimeError("the clock at /home/dana fell down")

    class Broken:
        now = staticmethod(broken)

    class OfBroken:
        def __getattr__(self, name: str) -> Any:
            return Broken if name == "clock" else getattr(app, name)

    door = door_of(app, "127.0.0.1")
    assert door.now() <= datetime.now(UTC)
    with serving(OfBroken(), now=app.clock.now) as client:  # type: ignore[arg-type]
        reply = client.get("/v1/metrics")

    assert (reply.status, reply.problem) == (500, "internal")
    assert b"dana" not in reply.body
    assert reply.json["errorId"] in caplog.text
    assert "the clock at /home/dana fell down" in caplog.text


def exchange(client: Client, sent: bytes) -> bytes:
    """Send bytes as they are, and read what comes back until the server says no more."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while part := connection.recv(65536):
                received += part
        except ConnectionError:
            return b""
        return received
