"""Copies of repositories, cheap until somebody writes to one."""

from __future__ import annotations

import hashlib
import shutil

from codybatch.standins.github.records import Repository
from codybatch.standins.github.site import Site


def fork(site: Site, repository: Repository, owner: str, name: str) -> Repository:
    """Copy a repository for another owner; one that exists already is returned as it is."""
    with site.state.lock:
        known = site.state.repository_named(f"{owner}/{name}")
        if known is not None:
            return known
        now = site.now()
        copied = repository.model_copy(
            update={
                "id": site.state.new_id(),
                "owner": site.account(owner).login,
                "name": name,
                "fork_of": repository.id,
                "permissions": {},
                "former_names": (),
                "template": template_of(site, repository),
                "created_at": now,
                "pushed_at": now,
            }
        )
        return site.state.put_repository(copied)


def template_of(site: Site, repository: Repository) -> str:
    """Return the name of a copy of the git side that nobody writes to, made where it is missing.

    A repository that refers to it gets a copy of its own with the first write
    (`Site.writable`): a thousand copies in a listing cost one.
    """
    if repository.template is not None:
        return repository.template
    bare = site.bare(repository)
    name = hashlib.sha256(repr((repository.id, bare.refs())).encode()).hexdigest()[:16]
    target = site.template(name)
    if not target.exists():
        shutil.copytree(bare.path, target)
    return name
