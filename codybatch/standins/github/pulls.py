"""Pull requests: made, followed as their branches move, merged and closed."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.standins.git.bare import BareRepository
from codybatch.standins.github.checks import rollup
from codybatch.standins.github.comparison import contains, share_history
from codybatch.standins.github.problems import ApiProblem, archived, forbidden, invalid
from codybatch.standins.github.records import PullRequest, Repository, Role
from codybatch.standins.github.site import Site

LONGEST_BODY = 65_536
LONGEST_TITLE = 256
DRAFTS_UNSUPPORTED = "Draft pull requests are not supported in this repository."


@dataclass(frozen=True)
class NewPull:
    """What a client asks for; `head` may be `branch` or `owner:branch`."""

    title: str
    head: str
    base: str
    body: str = ""
    draft: bool = False
    maintainer_can_modify: bool = True


def create(
    site: Site, repository: Repository, author: str, role: Role, new: NewPull
) -> PullRequest:
    """Make a pull request.

    Raises:
        ApiProblem: 403 or 422, for the reasons and in the words of GitHub.
    """
    if repository.archived:
        raise archived()
    _check_texts(new.title, new.body)
    with site.state.lock:
        source = _head_repository(site, repository, new.head)
        if role < Role.WRITE and source.id == repository.id:
            raise forbidden()
        pull = _build(site, repository, source, author, new)
        _adopt_head(site, pull)
        _check_new(site, repository, source, pull)
        _point_at_head(site, pull)
        return site.state.put_pull(pull)


def follow(site: Site, pull: PullRequest) -> PullRequest:
    """Bring an open pull request up to date with its branches, and return it.

    As on GitHub it closes when a branch is deleted or the head is reset to the base, counts as
    merged when the base has taken in the head, and `base_oid` moves only when the head does.
    """
    with site.state.lock:
        pull = site.state.pulls[pull.repository, pull.number]
        if pull.state == "closed":
            return pull
        head, base = _heads(site, pull)
        if head is None or base is None:
            return close(site, pull)
        if (head, base) == (pull.head_oid, pull.seen_base_oid):
            return pull
        return _follow_moved(site, pull, head, base)


def follow_all(site: Site, repository: Repository) -> list[PullRequest]:
    """Bring every pull request of a repository up to date; the newest comes first."""
    return [follow(site, pull) for pull in site.state.pulls_of(repository)]


def close(site: Site, pull: PullRequest) -> PullRequest:
    """Close without merging."""
    now = site.now()
    return change(site, pull, state="closed", closed_at=now, auto_merge_method=None)


def reopen(site: Site, pull: PullRequest) -> PullRequest:
    """Open again.

    Raises:
        ApiProblem: 422 when it is merged, or its branch is gone or was rewritten.
    """
    head, base = _heads(site, pull)
    message = "state cannot be changed. "
    if pull.merged or head is None or base is None:
        raise invalid(
            "PullRequest",
            "invalid",
            field="state",
            message=f"{message}The {pull.head_ref} branch has been deleted.",
        )
    if not contains(_head_bare(site, pull), pull.head_oid, head):
        rewritten = f"The {pull.head_ref} branch was force-pushed or recreated."
        raise invalid("PullRequest", "invalid", field="state", message=message + rewritten)
    change(site, pull, state="open", closed_at=None)
    return follow(site, pull)


def change(site: Site, pull: PullRequest, **values: object) -> PullRequest:
    """Store new values and the time of the change."""
    with site.state.lock:
        latest = site.state.pulls[pull.repository, pull.number]
        changed = latest.model_copy(update={"updated_at": site.now(), **values})
        return site.state.put_pull(changed)


def change_text(site: Site, pull: PullRequest, title: str, body: str) -> PullRequest:
    """Store a new title and body.

    Raises:
        ApiProblem: 422 when one is too long.
    """
    _check_texts(title, body)
    return change(site, pull, title=title, body=body)


def mergeable(site: Site, pull: PullRequest) -> bool | None:
    """Say whether the head merges into the base as it is now; None where git cannot say."""
    head, base = _heads(site, pull)
    if pull.state == "closed" or head is None or base is None:
        return None
    tree = site.comparisons.merged_tree(_base_bare(site, pull), base, head)
    return None if tree is None else tree is not False


def merge_state(site: Site, pull: PullRequest) -> str:
    """Return GraphQL's `mergeStateStatus`; REST's `mergeable_state` is its lower case."""
    can_merge = mergeable(site, pull)
    if can_merge is None:
        return "UNKNOWN"
    if not can_merge:
        return "DIRTY"
    if pull.draft:
        return "DRAFT"
    if pull.review_decision in {"CHANGES_REQUESTED", "REVIEW_REQUIRED"}:
        return "BLOCKED"
    state = rollup(site.state.checks_of(pull.head_repository, pull.head_oid))
    return "CLEAN" if state in {None, "SUCCESS"} else "UNSTABLE"


def merge(site: Site, pull: PullRequest, merged_by: str, expected_head: str = "") -> PullRequest:
    """Merge with a merge commit.

    Raises:
        ApiProblem: 405 when it cannot be merged, 409 when the head is not the expected one.
    """
    with site.state.lock:
        pull = follow(site, pull)
        if expected_head and expected_head != pull.head_oid:
            message = "Head branch was modified. Review and try the merge again."
            raise ApiProblem(409, message)
        if not mergeable(site, pull) or pull.draft:
            raise ApiProblem(405, "Pull Request is not mergeable")
        bare = site.writable(site.state.repositories[pull.repository])
        base = bare.branches()[pull.base_ref]
        tree = str(site.comparisons.merged_tree(bare, base, pull.head_oid))
        oid = _merge_commit(bare, pull, tree, base)
        bare.set_branch(pull.base_ref, oid)
        return _merged(site, pull, oid, merged_by)


def _merge_commit(bare: BareRepository, pull: PullRequest, tree: str, base: str) -> str:
    message = f"Merge pull request #{pull.number} from {pull.head_ref}"
    parents = ("-p", base, "-p", pull.head_oid)
    identity = ("-c", "user.name=GitHub", "-c", "user.email=noreply@github.com")
    made = bare.git(*identity, "commit-tree", tree, *parents, "-m", message)
    return made.decode().strip()


def _merged(site: Site, pull: PullRequest, oid: str, merged_by: str) -> PullRequest:
    now = site.now()
    return change(
        site,
        pull,
        state="closed",
        merged=True,
        merge_oid=oid,
        merged_by=merged_by,
        merged_at=now,
        closed_at=now,
    )


def _follow_moved(site: Site, pull: PullRequest, head: str, base: str) -> PullRequest:
    _adopt_head(site, pull.model_copy(update={"head_oid": head}))
    if contains(_base_bare(site, pull), head, base):
        return (
            _merged(site, pull, base, pull.author) if head == pull.head_oid else close(site, pull)
        )
    if head == pull.head_oid:
        return change(site, pull, seen_base_oid=base)
    pull = change(site, pull, head_oid=head, base_oid=base, seen_base_oid=base)
    _point_at_head(site, pull)
    return pull


def _head_repository(site: Site, repository: Repository, head: str) -> Repository:
    """Return where the head branch is: here, or in a fork of `owner:branch`."""
    owner, separator, _ = head.rpartition(":")
    if not separator or owner.lower() == repository.owner.lower():
        return repository
    for other in site.state.repositories.values():
        if other.owner.lower() == owner.lower() and other.fork_of == repository.id:
            return other
    raise invalid("PullRequest", "invalid", field="head")


def _build(
    site: Site, repository: Repository, source: Repository, author: str, new: NewPull
) -> PullRequest:
    head_ref = new.head.rpartition(":")[2]
    head = site.bare(source).branch(head_ref)
    base = site.bare(repository).branch(new.base)
    if head is None:
        raise invalid("PullRequest", "invalid", field="head")
    if base is None:
        raise invalid("PullRequest", "invalid", field="base")
    now = site.now()
    numbers = [pull.number for pull in site.state.pulls_of(repository)]
    return PullRequest(
        id=site.state.new_id(),
        repository=repository.id,
        number=max(numbers, default=0) + 1,
        title=new.title,
        body=new.body,
        author=author,
        head_repository=source.id,
        head_ref=head_ref,
        head_oid=head,
        base_ref=new.base,
        base_oid=base,
        seen_base_oid=base,
        draft=new.draft,
        maintainer_can_modify=new.maintainer_can_modify,
        created_at=now,
        updated_at=now,
    )


def _check_new(site: Site, repository: Repository, source: Repository, pull: PullRequest) -> None:
    if pull.draft and not repository.drafts_supported:
        raise ApiProblem(422, DRAFTS_UNSUPPORTED)
    bare = _base_bare(site, pull)
    if not share_history(bare, pull.head_oid, pull.base_oid):
        message = f"The {pull.head_ref} branch has no history in common with {pull.base_ref}"
        raise invalid("PullRequest", "custom", message=message)
    if contains(bare, pull.head_oid, pull.base_oid):
        message = f"No commits between {pull.base_ref} and {pull.head_ref}"
        raise invalid("PullRequest", "custom", message=message)
    same = (pull.head_repository, pull.head_ref, pull.base_ref)
    for other in follow_all(site, repository):
        if other.state == "open" and same == (
            other.head_repository,
            other.head_ref,
            other.base_ref,
        ):
            message = f"A pull request already exists for {source.owner}:{pull.head_ref}."
            raise invalid("PullRequest", "custom", message=message)


def _check_texts(title: str, body: str) -> None:
    for field, text, longest in (("title", title, LONGEST_TITLE), ("body", body, LONGEST_BODY)):
        if len(text) > longest:
            message = f"{field} is too long (maximum is {longest} characters)"
            raise invalid("Issue", "custom", field=field, message=message)


def _heads(site: Site, pull: PullRequest) -> tuple[str | None, str | None]:
    return _head_bare(site, pull).branch(pull.head_ref), _base_bare(site, pull).branch(
        pull.base_ref
    )


def _point_at_head(site: Site, pull: PullRequest) -> None:
    """Keep `refs/pull/N/head`, from which anyone can fetch a pull request."""
    bare = site.writable(site.state.repositories[pull.repository])
    bare.git("update-ref", f"refs/pull/{pull.number}/head", pull.head_oid)


def _head_bare(site: Site, pull: PullRequest) -> BareRepository:
    return site.bare(site.state.repositories[pull.head_repository])


def _base_bare(site: Site, pull: PullRequest) -> BareRepository:
    return site.bare(site.state.repositories[pull.repository])


def _adopt_head(site: Site, pull: PullRequest) -> None:
    """Bring a fork's commits into the base repository, where git compares them."""
    bare = site.writable(site.state.repositories[pull.repository])
    if bare.try_git("cat-file", "-e", pull.head_oid).returncode:
        bare.git("fetch", "--quiet", "--no-tags", str(_head_bare(site, pull).path), pull.head_oid)
