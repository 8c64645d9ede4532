"""Changes that nobody makes through the API: what a test or a demonstration prepares."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codybatch.standins.git.bare import BareRepository, Files, FixtureCommit, FixtureFile
from codybatch.standins.github.forks import template_of
from codybatch.standins.github.records import App, Check, Repository, Role
from codybatch.standins.github.rest.repositories import resolve
from codybatch.standins.github.site import Site

# What `change_repository` may set, beside `permissions`.
CHANGEABLE = frozenset(Repository.model_fields) - {
    *("id", "owner", "name", "former_names", "fork_of", "template")
}


class UnknownRepository(LookupError):
    """The stand-in has no repository of this name."""


def named(site: Site, full_name: str) -> Repository:
    """Return a repository by name.

    Raises:
        UnknownRepository: there is none.
    """
    found = site.state.repository_named(full_name)
    if found is None:
        raise UnknownRepository(full_name)
    return found


def add_repository(
    site: Site,
    full_name: str,
    *,
    files: Files | None = None,
    commits: Sequence[FixtureCommit] = (),
    source: Path | None = None,
    copy_of: str | None = None,
    **facts: Any,
) -> Repository:
    """Make a repository, empty where neither files, commits, a source nor a model is given.

    Arguments:
        site: where.
        full_name: `owner/name`; the owner becomes an organisation if it is new.
        files: the content of one first commit.
        commits: several commits, on any branches.
        source: a git repository to copy, or a folder to commit as it is.
        copy_of: the name of a repository here whose git side is copied, which is fast.
        facts: fields of `Repository`, `permissions={"login": "push"}` for instance.

    Raises:
        ValueError: the name is taken, or a fact is none.
    """
    owner, _, name = full_name.partition("/")
    with site.state.lock:
        if site.state.repository_named(full_name) is not None:
            raise ValueError(f"{full_name} exists already")
        account = site.account(owner, "Organization")
        values: dict[str, Any] = {"created_at": site.now(), "pushed_at": site.now()}
        identity = {"id": site.state.new_id(), "owner": account.login, "name": name}
        repository = Repository.model_validate({**values, **identity, **_checked(facts)})
        if copy_of is None:
            _make_git(site, repository, files, commits, source)
        else:
            template = template_of(site, named(site, copy_of))
            repository = repository.model_copy(update={"template": template})
        for login in repository.permissions:
            site.account(login)
        return site.state.put_repository(repository)


def change_repository(site: Site, full_name: str, **facts: Any) -> Repository:
    """Change facts such as `archived=True` or `permissions={"service": "pull"}`.

    Raises:
        UnknownRepository: there is none of this name.
        ValueError: a fact is none that can be changed.
    """
    with site.state.lock:
        repository = named(site, full_name)
        merged = {**repository.model_dump(), **_checked(facts)}
        return site.state.put_repository(Repository.model_validate(merged))


def rename_repository(site: Site, full_name: str, new_full_name: str) -> Repository:
    """Give a repository another name; the former one goes on leading to it."""
    owner, _, name = new_full_name.partition("/")
    with site.state.lock:
        repository = named(site, full_name)
        moved = {
            "owner": site.account(owner, "Organization").login,
            "name": name,
            "former_names": (*repository.former_names, repository.full_name),
        }
        return site.state.put_repository(repository.model_copy(update=moved))


def set_check(
    site: Site,
    full_name: str,
    ref: str,
    name: str,
    conclusion: str | None = "success",
    kind: str = "check_run",
) -> Check:
    """Say what a check (or with `kind="status"` a commit status) found on a commit.

    Arguments:
        site: where.
        full_name: the repository.
        ref: a branch or an object id.
        name: the check's name, or the status's context.
        conclusion: None while the check is running.
        kind: `check_run` or `status`.

    Raises:
        ValueError: the repository has no such commit.
    """
    repository = named(site, full_name)
    oid = resolve(site.bare(repository), ref)
    if oid is None:
        raise ValueError(f"{full_name} has no commit {ref}")
    return site.state.put_check(
        Check.model_validate(
            {
                "id": site.state.new_id(),
                "repository": repository.id,
                "oid": oid,
                "name": name,
                "kind": kind,
                "status": "completed" if conclusion else "in_progress",
                "conclusion": conclusion,
                "at": site.now(),
            }
        )
    )


def add_app(site: Site, app_id: int, public_key: str, login: str) -> App:
    """Register a GitHub App; it is installed where `login` has a role that may push."""
    return site.state.put_app(
        App(id=app_id, installation=site.state.new_id(), login=login, public_key=public_key)
    )


def _checked(facts: dict[str, Any]) -> dict[str, Any]:
    unknown = set(facts) - CHANGEABLE
    if unknown:
        raise ValueError(f"no facts of a repository: {', '.join(sorted(unknown))}")
    roles = facts.get("permissions", {})
    for role in roles.values():
        Role.named(role)
    lower = {login.lower(): role for login, role in roles.items()}
    return {**facts, "permissions": lower} if "permissions" in facts else facts


def _make_git(
    site: Site,
    repository: Repository,
    files: Files | None,
    commits: Sequence[FixtureCommit],
    source: Path | None,
) -> None:
    bare = BareRepository.create(site.bare(repository).path, repository.default_branch)
    try:
        if source is not None and _is_git(source):
            bare.git("fetch", "--quiet", str(source.resolve()), "+refs/*:refs/*")
        elif source is not None:
            files = _read_folder(source)
        if files is not None:
            bare.commit(files, "First commit", repository.default_branch)
        if commits:
            bare.add_commits(commits)
    except BaseException:
        shutil.rmtree(bare.path)
        raise


def _is_git(source: Path) -> bool:
    return (source / ".git").exists() or (source / "HEAD").is_file()


def _read_folder(source: Path) -> Files:
    files: dict[str, str | bytes | FixtureFile | None] = {}
    for folder, folders, names in os.walk(source):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in sorted((*names, *links)):
            path = Path(folder, name)
            files[path.relative_to(source).as_posix()] = _read_file(path)
    return files


def _read_file(path: Path) -> FixtureFile:
    if path.is_symlink():
        return FixtureFile(os.fsencode(path.readlink()), "120000")
    mode = "100755" if os.access(path, os.X_OK) else "100644"
    return FixtureFile(path.read_bytes(), mode)
