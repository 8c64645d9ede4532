"""Repositories: one, its branches and refs, its commits, files and forks."""

from __future__ import annotations

import base64
from typing import Any

from codybatch.standins.git.bare import BareRepository, GitFailed
from codybatch.standins.github.forks import fork
from codybatch.standins.github.problems import ApiProblem, not_found
from codybatch.standins.github.records import Repository, Role, node_id
from codybatch.standins.github.rest import shapes
from codybatch.standins.github.rest.call import Call, Reply

README_NAMES = ("readme.md", "readme.rst", "readme.txt", "readme")
COMMIT_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"


def show(call: Call) -> Reply:
    """GET /repos/{owner}/{name}."""
    return Reply(200, shapes.full_repository(call.view, call.repository()))


def languages(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/languages."""
    return Reply(200, call.site.language_bytes(call.repository()))


def topics(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/topics."""
    return Reply(200, {"names": list(call.repository().topics)})


def list_branches(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/branches."""
    repository = call.repository()
    heads = list(call.site.bare(repository).branches().items())
    return call.page(heads, lambda head: _short_branch(call, repository, *head))


def show_branch(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/branches/{branch}."""
    repository = call.repository()
    bare = call.site.bare(repository)
    branch = call.parameters["branch"]
    oid = bare.branch(branch)
    if oid is None:
        raise ApiProblem(404, "Branch not found")
    return Reply(
        200,
        {
            **_short_branch(call, repository, branch, oid),
            "commit": _commit(call, repository, bare, oid),
            "protection": {"enabled": False},
            "protection_url": "",
            "_links": {"self": "", "html": ""},
        },
    )


def show_ref(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/git/ref/{ref} and, as older clients ask, /git/refs/{ref}."""
    repository = call.repository()
    name = f"refs/{call.parameters['ref']}"
    oid = call.site.bare(repository).refs().get(name)
    if oid is None:
        raise not_found()
    return Reply(200, _ref(call, repository, name, oid))


def matching_refs(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/git/matching-refs/{ref}."""
    repository = call.repository()
    prefix = f"refs/{call.parameters['ref']}"
    refs = call.site.bare(repository).refs().items()
    found = [ref for ref in refs if ref[0].startswith(prefix)]
    return call.page(found, lambda ref: _ref(call, repository, *ref))


def delete_ref(call: Call) -> Reply:
    """DELETE /repos/{owner}/{name}/git/refs/heads/{branch}."""
    repository = call.repository(Role.WRITE)
    bare = call.site.writable(repository)
    branch = call.parameters["branch"]
    if bare.branch(branch) is None:
        raise ApiProblem(422, "Reference does not exist")
    bare.delete_branch(branch)
    return Reply(204)


def show_commit(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/commits/{ref}: an object id, a branch or a tag."""
    repository = call.repository()
    bare = call.site.bare(repository)
    oid = resolve(bare, call.parameters["ref"])
    if oid is None:
        raise ApiProblem(422, f"No commit found for SHA: {call.parameters['ref']}")
    return Reply(200, _commit(call, repository, bare, oid))


def list_commits(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/commits, from `sha` or the default branch."""
    repository = call.repository()
    bare = call.site.bare(repository)
    start = resolve(bare, call.request.query.get("sha") or repository.default_branch)
    if start is None:
        raise ApiProblem(409, "Git Repository is empty.") if not bare.branches() else not_found()
    oids = bare.git("rev-list", "--max-count=1000", start).decode().split()
    return call.page(oids, lambda oid: _commit(call, repository, bare, oid))


def readme(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/readme."""
    repository = call.repository()
    bare = call.site.bare(repository)
    head = resolve(bare, call.request.query.get("ref") or repository.default_branch)
    names = bare.git("ls-tree", "--name-only", "-z", head).split(b"\0") if head else []
    for raw in names:
        name = raw.decode(errors="replace")
        if head and name.lower() in README_NAMES:
            return Reply(200, _file(call, repository, bare, head, name))
    raise not_found()


def contents(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/contents/{path} of a file."""
    repository = call.repository()
    bare = call.site.bare(repository)
    head = resolve(bare, call.request.query.get("ref") or repository.default_branch)
    if head is None:
        raise not_found()
    return Reply(200, _file(call, repository, bare, head, call.parameters["path"]))


def create_fork(call: Call) -> Reply:
    """POST /repos/{owner}/{name}/forks; GitHub answers 202 while it is still copying."""
    repository = call.repository()
    owner = str(call.json().get("organization") or call.view.caller.login)
    if not owner:
        raise ApiProblem(401, "Requires authentication")
    name = str(call.json().get("name") or repository.name)
    return Reply(202, shapes.full_repository(call.view, fork(call.site, repository, owner, name)))


def resolve(bare: BareRepository, ref: str) -> str | None:
    """Return the object id of the commit that a branch, a tag or an object id means."""
    try:
        found = bare.git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
        )
    except GitFailed:
        return None
    return found.decode().strip()


def _short_branch(call: Call, repository: Repository, name: str, oid: str) -> shapes.Json:
    url = call.view.api(f"/repos/{repository.full_name}/commits/{oid}")
    return {"name": name, "commit": {"sha": oid, "url": url}, "protected": False}


def _ref(call: Call, repository: Repository, name: str, oid: str) -> shapes.Json:
    base = call.view.api(f"/repos/{repository.full_name}/git")
    target = {"sha": oid, "type": "commit", "url": f"{base}/commits/{oid}"}
    url = f"{base}/{name}"
    return {"ref": name, "node_id": node_id("REF", repository.id), "url": url, "object": target}


def _commit(call: Call, repository: Repository, bare: BareRepository, oid: str) -> shapes.Json:
    told = bare.git("show", "--no-patch", f"--format={COMMIT_FORMAT}", oid).decode().split("\0")
    tree, parents, message = told[1], told[2].split(), told[9].rstrip("\n")
    api = call.view.api(f"/repos/{repository.full_name}")
    html = call.view.html(f"/{repository.full_name}/commit")
    author, committer = (
        dict(zip(("name", "email", "date"), told[at : at + 3], strict=True)) for at in (3, 6)
    )
    verification = {"verified": False, "reason": "unsigned", "signature": None, "payload": None}
    return {
        "sha": oid,
        "node_id": node_id("C", repository.id),
        "url": f"{api}/commits/{oid}",
        "html_url": f"{html}/{oid}",
        "comments_url": f"{api}/commits/{oid}/comments",
        "commit": {
            "url": f"{api}/git/commits/{oid}",
            "author": author,
            "committer": committer,
            "message": message,
            "comment_count": 0,
            "tree": {"sha": tree, "url": f"{api}/git/trees/{tree}"},
            "verification": {**verification, "verified_at": None},
        },
        "author": None,
        "committer": None,
        "parents": [
            {"sha": p, "url": f"{api}/commits/{p}", "html_url": f"{html}/{p}"} for p in parents
        ],
    }


def _file(
    call: Call, repository: Repository, bare: BareRepository, head: str, path: str
) -> shapes.Json:
    listed = bare.git("ls-tree", "-z", head, "--", path).rstrip(b"\0")
    if not listed or b" blob " not in listed.partition(b"\t")[0]:
        raise not_found()
    oid = listed.partition(b"\t")[0].split()[2].decode()
    content = bare.git("cat-file", "blob", oid)
    url = call.view.api(f"/repos/{repository.full_name}/contents/{path}?ref={head}")
    git_url = call.view.api(f"/repos/{repository.full_name}/git/blobs/{oid}")
    html = call.view.html(f"/{repository.full_name}/blob/{head}/{path}")
    shape: dict[str, Any] = {
        "type": "file",
        "encoding": "base64",
        "size": len(content),
        "name": path.rpartition("/")[2],
        "path": path,
        "content": base64.encodebytes(content).decode(),
        "sha": oid,
        "url": url,
        "git_url": git_url,
        "html_url": html,
        "download_url": None,
    }
    return {**shape, "_links": {"self": url, "git": git_url, "html": html}}
