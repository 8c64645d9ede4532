"""The contract of the code host: what publication builds on, whichever host it is."""

from __future__ import annotations

import pytest

from codybatch.domain.errors import InvalidSelection, RepositoryNotFound
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.domain.selection import Source, SourceKind
from codybatch.ports import CodeHost, PullRequestText, Unusable

APP = RepositoryRef(owner="acme", name="app")
FOREIGN = RepositoryRef(owner="upstream", name="app")
GONE = RepositoryRef(owner="acme", name="gone")
TEXT = PullRequestText(title="A title", body="A body.")


class CodeHostFixtures:
    """The hooks of an adapter: a host with ``APP``, which is owned, and ``FOREIGN``, which is not;
    both have one commit on ``main`` and one more on the branch ``work``, the topic ``batch``, and
    the word ``needle`` in a file.
    """

    @pytest.fixture
    def host(self) -> CodeHost:
        """A client of the service account."""
        raise NotImplementedError

    @pytest.fixture
    def heads(self) -> dict[str, str]:
        """The heads of the branches of ``APP``."""
        raise NotImplementedError


class CodeHostContract(CodeHostFixtures):
    def test_answers_come_in_the_order_of_the_questions(
        self, host: CodeHost, heads: dict[str, str]
    ) -> None:
        work = APP.with_(ref="work")
        vanished = APP.with_(ref="vanished")

        gone, foreign, branch, no_ref, app = host.look_up([GONE, FOREIGN, work, vanished, APP])

        for found, owned in ((foreign, False), (branch, True), (app, True)):
            assert isinstance(found, RepositoryFacts)
            assert found.owned is owned
        assert isinstance(app, RepositoryFacts)
        assert isinstance(branch, RepositoryFacts)
        assert (app.head_commit, app.base_branch) == (heads["main"], "main")
        assert (branch.head_commit, branch.base_branch) == (heads["work"], "work")
        assert app.id == branch.id
        for missing, asked in ((gone, GONE), (no_ref, vanished)):
            assert isinstance(missing, Unusable)
            assert missing.repository == asked
            assert asked.full_name in str(missing.error)

    @pytest.mark.parametrize("source", [
        Source(kind=SourceKind.NAMES, names=(APP, FOREIGN, GONE)),
        Source(kind=SourceKind.ORGANISATION, query="acme"),
        Source(kind=SourceKind.SEARCH, query="app"),
        Source(kind=SourceKind.TOPIC, query="batch"),
        Source(kind=SourceKind.CODE, query="needle"),
    ], ids=lambda source: str(source.kind))  # fmt: skip
    def test_every_source_gives_each_repository_once_with_what_we_may_do(
        self, host: CodeHost, source: Source
    ) -> None:
        given = host.candidates(source, 100)

        found = {str(one.repository): one for one in given.found}
        assert len(found) == len(given.found)
        app = found["acme/app"]
        assert isinstance(app, RepositoryFacts)
        assert app.owned
        assert app.default_branch == "main"
        assert app.id == _id_of(host, APP)
        if FOREIGN.full_name in found:
            foreign = found[FOREIGN.full_name]
            assert isinstance(foreign, RepositoryFacts)
            assert not foreign.owned
        assert (GONE.full_name in found) is (source.kind is SourceKind.NAMES)
        assert given.incomplete == ""

    def test_a_limit_is_kept_and_what_it_cut_is_told(self, host: CodeHost) -> None:
        given = host.candidates(Source(kind=SourceKind.SEARCH, query="app"), 1)

        assert len(given.found) == 1
        assert given.incomplete

    def test_nobody_of_that_name_is_no_empty_list(self, host: CodeHost) -> None:
        for kind in (SourceKind.ORGANISATION, SourceKind.USER):
            with pytest.raises(RepositoryNotFound, match="nobody-here"):
                host.candidates(Source(kind=kind, query="nobody-here"), 10)

    def test_a_source_without_words_is_refused(self, host: CodeHost) -> None:
        for kind in set(SourceKind) - {SourceKind.NAMES}:
            with pytest.raises(InvalidSelection):
                host.candidates(Source(kind=kind, query=" "), 10)

    def test_nothing_asked_is_nothing_answered(self, host: CodeHost) -> None:
        assert host.look_up([]) == ()
        assert host.refresh([]) == ()

    def test_rights_are_told(self, host: CodeHost) -> None:
        assert host.may_push(APP) is True
        assert host.may_push(FOREIGN) is False
        with pytest.raises(RepositoryNotFound):
            host.may_push(GONE)

    def test_heads_are_told(self, host: CodeHost, heads: dict[str, str]) -> None:
        assert host.branch_head(APP, "work") == heads["work"]
        assert host.branch_head(APP, "wor") is None

    def test_the_credential_is_beside_the_address(self, host: CodeHost) -> None:
        access = host.git_access(APP, write=True)

        assert access.token
        assert access.token not in access.url
        assert access.token not in repr(access)

    def test_one_branch_has_one_pull_request(self, host: CodeHost, heads: dict[str, str]) -> None:
        assert host.pull_request_of(APP, "work") is None

        first = host.open_pull_request(APP, "work", "main", TEXT, draft=True)
        second = host.open_pull_request(APP, "work", "main", TEXT, draft=True)
        found = host.pull_request_of(APP, "work")

        assert found is not None
        assert first.number == second.number == found.number
        assert (found.state, found.draft, found.head_commit) == ("open", True, heads["work"])

    def test_a_text_is_given_anew_and_the_rest_stays(self, host: CodeHost) -> None:
        made = host.open_pull_request(APP, "work", "main", TEXT, draft=False)

        changed = host.update_pull_request(APP, made.number, PullRequestText("New", "Newer."))

        assert (changed.number, changed.url, changed.state) == (made.number, made.url, "open")
        (fresh,) = host.refresh([made])
        assert (fresh.number, fresh.state) == (made.number, "open")

    def test_many_are_refreshed_in_their_order_and_a_deleted_one_stays_as_it_was(
        self, host: CodeHost
    ) -> None:
        made = host.open_pull_request(APP, "work", "main", TEXT, draft=False)
        deleted = made.with_(node_id="PR_deleted", number=99, head_commit=None)
        outdated = made.with_(state="closed", head_commit=None)

        first, second, third = host.refresh([deleted, outdated, deleted])

        assert (first, third) == (deleted, deleted)
        assert (second.state, second.head_commit) == (made.state, made.head_commit)

    def test_names_that_the_host_refuses_are_left_out(self, host: CodeHost) -> None:
        text = PullRequestText("T", "B", labels=("fine",), reviewers=("nobody-of-that-name",))

        made = host.open_pull_request(APP, "work", "main", text, draft=False)

        assert (made.state, made.left_out) == ("open", ("reviewer nobody-of-that-name",))

    def test_a_client_that_waits_otherwise_answers_the_same(self, host: CodeHost) -> None:
        other = host.waiting(lambda seconds, why: pytest.fail(f"{why} {seconds}"))

        assert other.look_up([APP]) == host.look_up([APP])

    def test_the_account_is_known(self, host: CodeHost) -> None:
        assert host.account().login


def _id_of(host: CodeHost, repository: RepositoryRef) -> str:
    (found,) = host.look_up([repository])
    assert isinstance(found, RepositoryFacts)
    return found.id
