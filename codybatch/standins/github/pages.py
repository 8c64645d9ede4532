"""Plain pages for people who follow a link to a repository or a pull request."""

from __future__ import annotations

import re
from html import escape

from codybatch.standins.github.access import Caller, role_of
from codybatch.standins.github.pulls import follow, follow_all
from codybatch.standins.github.records import PullRequest, Repository, Role
from codybatch.standins.github.site import Site
from codybatch.standins.loopback import Answer, Request

PAGE = re.compile(r"/(?P<name>[\w.-]+/[\w.-]+)(?:/pull/(?P<number>\d+)(?P<diff>\.diff)?)?")
NOTE = "This is a stand-in for GitHub on this machine. Nothing here has left it."
# Nothing is fetched and nothing runs: the texts come from repositories and models.
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
STYLE = "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
pre{overflow:auto;background:#f6f8fa;color:#1f2328;padding:1rem}small{color:#59636e}"


def answer(site: Site, request: Request) -> Answer | None:
    """Return the page a browser asks for, or None for anything that is not one."""
    found = PAGE.fullmatch(request.path)
    wants_page = "text/html" in request.headers.get("accept", "")
    if found is None or request.method != "GET" or not (wants_page or found["diff"]):
        return None
    repository = site.state.repository_named(found["name"])
    if repository is None or role_of(Caller(), repository) is Role.NONE:
        return None
    if found["number"] is None:
        return _page(repository.full_name, _repository(site, repository))
    pull = site.state.pulls.get((repository.id, int(found["number"])))
    if pull is None:
        return None
    pull = follow(site, pull)
    if found["diff"]:
        headers = {**HEADERS, "Content-Type": "text/plain; charset=utf-8"}
        return Answer(200, headers, _diff(site, pull))
    return _page(f"{pull.title} · {repository.full_name}", _pull(site, repository, pull))


def _repository(site: Site, repository: Repository) -> str:
    items = "".join(
        f'<li><a href="/{escape(repository.full_name)}/pull/{pull.number}">'
        f"#{pull.number} {escape(pull.title)}</a> ({_state(pull)})</li>"
        for pull in follow_all(site, repository)
    )
    listed = f"<ul>{items}</ul>" if items else "<p>None yet.</p>"
    description = escape(repository.description)
    title = f"<h1>{escape(repository.full_name)}</h1><p>{description}</p>"
    return f"{title}<h2>Pull requests</h2>{listed}"


def _pull(site: Site, repository: Repository, pull: PullRequest) -> str:
    diff = _diff(site, pull).decode(errors="replace")
    return (
        f'<p><a href="/{escape(repository.full_name)}">{escape(repository.full_name)}</a></p>'
        f"<h1>{escape(pull.title)} <small>#{pull.number}</small></h1>"
        f"<p>{_state(pull)}: {escape(pull.author)} wants to merge <code>{escape(pull.head_ref)}"
        f"</code> into <code>{escape(pull.base_ref)}</code>.</p>"
        f"<pre>{escape(pull.body)}</pre><h2>Changes</h2><pre>{escape(diff)}</pre>"
    )


def _state(pull: PullRequest) -> str:
    if pull.merged:
        return "Merged"
    if pull.state == "closed":
        return "Closed"
    return "Draft" if pull.draft else "Open"


def _diff(site: Site, pull: PullRequest) -> bytes:
    bare = site.bare(site.state.repositories[pull.repository])
    return bare.git("diff", "--no-renames", f"{pull.base_oid}...{pull.head_oid}")


def _page(title: str, content: str) -> Answer:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    body = f"<p><small>{NOTE}</small></p>{content}"
    page = f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'
    return Answer(200, dict(HEADERS), page.encode())
