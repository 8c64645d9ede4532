"""The contract of the code host: what publication builds on, whichever host it is."""

from __future__ import annotations

import pytest

from codybatch.domain.errors import RepositoryNotFound
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.ports import CodeHost, PullRequestText, Unusable

APP = RepositoryRef(owner="acme", name="app")
FOREIGN = RepositoryRef(owner="upstream", name="app")
GONE = RepositoryRef(owner="acme", name="gone")
TEXT = PullRequestText(title="A title", body="A body.")


class CodeHostFixtures:
    """The hooks of an adapter: a host with ``APP``, which is owned, and ``FOREIGN``, which is not;
    both have one commit on ``main`` and one more on the branch ``work``.
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

    def test_names_that_the_host_refuses_are_left_out(self, host: CodeHost) -> None:
        text = PullRequestText("T", "B", labels=("fine",), reviewers=("nobody-of-that-name",))

        assert host.open_pull_request(APP, "work", "main", text, draft=False).state == "open"

    def test_a_client_that_waits_otherwise_answers_the_same(self, host: CodeHost) -> None:
        other = host.waiting(lambda seconds, why: pytest.fail(f"{why} {seconds}"))

        assert other.look_up([APP]) == host.look_up([APP])

    def test_the_account_is_known(self, host: CodeHost) -> None:
        assert host.whoami()
