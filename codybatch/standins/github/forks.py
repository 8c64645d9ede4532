"""Copies of repositories."""

from __future__ import annotations

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
                "created_at": now,
                "pushed_at": now,
            }
        )
        copy_git(site, repository, copied)
        return site.state.put_repository(copied)


def copy_git(site: Site, source: Repository, target: Repository) -> None:
    """Copy the git side: the same commits under the same ids."""
    shutil.copytree(site.bare(source).path, site.bare(target).path)
