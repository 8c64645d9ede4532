"""One port for everything: git, the API under two addresses, pages and the control endpoint."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from codybatch.standins.git.faults import answer_with_fault
from codybatch.standins.git.journal import RecordedRequest
from codybatch.standins.git.smart_http import GitCall, SmartHttp
from codybatch.standins.github import control, pages, pulls
from codybatch.standins.github.access import Caller, SiteAccess, caller_of
from codybatch.standins.github.graphql.endpoint import answer_graphql
from codybatch.standins.github.limits import Window
from codybatch.standins.github.problems import ApiProblem
from codybatch.standins.github.records import Repository
from codybatch.standins.github.rest import routes
from codybatch.standins.github.rest.call import Call, Reply
from codybatch.standins.github.site import Site
from codybatch.standins.github.view import View
from codybatch.standins.loopback import Answer, Request

# GitHub Enterprise's address; without it the API is at the root, as on api.github.com.
ENTERPRISE = "/api/v3"
LOOPBACK_NAMES = {"127.0.0.1", "localhost"}
BY_ID = re.compile(r"/repositories/(\d+)(/.*)?")


@dataclass(frozen=True)
class Target:
    """What a request is for, with the API's prefix taken off the path."""

    path: str
    prefix: str
    git: GitCall | None = None


class GitHubApplication:
    """Answers every request to the stand-in.

    Arguments:
        site: what there is.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._git = SmartHttp(SiteAccess(site))

    def __call__(self, request: Request) -> Answer:
        """Answer one request; see `Application`."""
        if _host(request) not in LOOPBACK_NAMES:
            return Answer(403, body=b"This stand-in answers to loopback names only.\n")
        if request.path.startswith(control.PREFIX):
            return control.answer(self._site, request)
        target = self._target(request)
        with self._site.journal.recorded(
            request.method, target.path, request.query_string
        ) as entry:
            answer = self._with_faults(target, request, entry)
            entry.status = 0 if entry.fault == "cut" else answer.status
            return answer

    def _target(self, request: Request) -> Target:
        git = self._git.call_of(request)
        if git is not None:
            return Target(request.path, "", git)
        if request.path == "/api/graphql":
            return Target("/graphql", ENTERPRISE)
        if request.path.startswith(f"{ENTERPRISE}/"):
            return Target(request.path.removeprefix(ENTERPRISE), ENTERPRISE)
        return Target(request.path, "")

    def _with_faults(self, target: Target, request: Request, entry: RecordedRequest) -> Answer:
        fault = self._site.faults.take(request.method, target.path, request.query_string)
        if fault is None:
            return self._act(target, request, entry)
        entry.fault = fault.kind
        if fault.kind in {"withdraw_permission", "delete_branch"}:
            self._site.disturb(fault)
            return self._act(target, request, entry)
        return answer_with_fault(
            fault, lambda: self._act(target, request, entry), self._site.stopping
        )

    def _act(self, target: Target, request: Request, entry: RecordedRequest) -> Answer:
        if target.git is not None:
            return self._act_git(target.git, request, entry)
        page = pages.answer(self._site, request)
        return page if page is not None else self._act_api(target, request, entry)

    def _act_git(self, call: GitCall, request: Request, entry: RecordedRequest) -> Answer:
        entry.token = _token_name(self._site, request)
        answer = self._git.answer(call, request)
        repository = self._site.state.repository_named(f"{call.owner}/{call.name}")
        if call.rest == "/git-receive-pack" and answer.status == 200 and repository is not None:
            answer.body = self._noticing_push(_blocks(answer), repository)
        return answer

    def _noticing_push(self, blocks: Iterable[bytes], repository: Repository) -> Iterator[bytes]:
        try:
            yield from blocks
        finally:
            with self._site.state.lock:
                latest = self._site.state.repositories[repository.id]
                pushed = {"pushed_at": self._site.now()}
                self._site.state.put_repository(latest.model_copy(update=pushed))
            pulls.follow_all(self._site, repository)

    def _act_api(self, target: Target, request: Request, entry: RecordedRequest) -> Answer:
        window, caller = None, Caller()
        try:
            path = self._by_name(target.path)
            is_graphql = (request.method, path) == ("POST", "/graphql")
            route, parameters = (None, {}) if is_graphql else routes.find(request.method, path)
            resource = "graphql" if route is None else route.resource
            entry.token = _token_name(self._site, request)
            caller = caller if resource == "app" else caller_of(self._site, request)
            window = self._spend(caller, resource)
            view = View(self._site, caller, f"http://{request.headers['host']}", target.prefix)
            if route is None:
                answer = _encoded(answer_graphql(view, request, entry))
            else:
                reply = route.handler(Call(view, request, path, parameters))
                answer, window = self._conditional(request, caller, reply, window)
        except ApiProblem as problem:
            answer = _encoded(Reply(problem.status, problem.as_json(), problem.headers))
        return _with_usual_headers(answer, window, caller.scopes)

    def _by_name(self, path: str) -> str:
        """Turn `/repositories/{id}` into `/repos/{owner}/{name}`."""
        found = BY_ID.fullmatch(path)
        repository = self._site.state.repositories.get(int(found[1])) if found else None
        return f"/repos/{repository.full_name}{found[2] or ''}" if found and repository else path

    def _spend(self, caller: Caller, resource: str) -> Window | None:
        if resource not in {"core", "search", "code_search", "graphql"}:
            return None
        if resource == "graphql" and not caller.is_known:
            raise ApiProblem(401, "This endpoint requires you to be authenticated.")
        window = self._site.limits.spend(caller.login, resource)
        if window.used <= window.limit:
            return window
        if resource == "graphql":
            raise GraphQLRateLimited(window)
        whose = f"user ID {self._site.account(caller.login).id}" if caller.login else "127.0.0.1"
        raise ApiProblem(403, f"API rate limit exceeded for {whose}.", headers=window.headers())

    def _conditional(
        self, request: Request, caller: Caller, reply: Reply, window: Window | None
    ) -> tuple[Answer, Window | None]:
        """Give an ETag, and 304 to whoever has it already, which costs no point."""
        answer = _encoded(reply)
        if request.method != "GET" or reply.status != 200:
            return answer, window
        digest = hashlib.sha256(caller.token.encode() + b"\0" + answer.complete()).hexdigest()
        etag = f'W/"{digest}"'
        answer.headers["ETag"] = etag
        if request.headers.get("if-none-match") != etag:
            return answer, window
        if window is not None:
            window = self._site.limits.give_back(caller.login, window.resource)
        return Answer(304, {"ETag": etag}), window


class GraphQLRateLimited(ApiProblem):
    """GraphQL tells of its limit inside an answer of 200."""

    def __init__(self, window: Window) -> None:
        super().__init__(200, "API rate limit exceeded", headers=window.headers())

    def as_json(self) -> dict[str, object]:
        """Return the body as GraphQL writes it."""
        return {"errors": [{"type": "RATE_LIMITED", "message": self.message}]}


def _encoded(reply: Reply) -> Answer:
    body = b"" if reply.data is None else json.dumps(reply.data).encode()
    return Answer(reply.status, dict(reply.headers), body)


def _with_usual_headers(answer: Answer, window: Window | None, scopes: str | None) -> Answer:
    usual = {
        "X-GitHub-Media-Type": "github.v3; format=json",
        **({} if scopes is None else {"X-OAuth-Scopes": scopes}),
        **(window.headers() if window else {}),
    }
    if answer.body:
        usual["Content-Type"] = "application/json; charset=utf-8"
    answer.headers = {**usual, **answer.headers}
    return answer


def _token_name(site: Site, request: Request) -> str:
    """Return the name of the token that a request carries, valid or not."""
    if "authorization" not in request.headers:
        return ""
    try:
        return caller_of(site, request).token
    except ApiProblem:
        return "unknown"


def _host(request: Request) -> str | None:
    return urlsplit(f"//{request.headers.get('host', '')}").hostname


def _blocks(answer: Answer) -> Iterable[bytes]:
    return [answer.body] if isinstance(answer.body, bytes) else answer.body
