"""Choosing repositories: the real adapter's candidates, each once, and a reason for the rest."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codybatch.domain.errors import (
    CodeHostThrottled,
    InvalidRepository,
    InvalidSelection,
    NoAllowList,
)
from codybatch.domain.repositories import AllowList, RepositoryFacts, RepositoryRef
from codybatch.domain.selection import (
    Filters,
    LeftOut,
    LeftOutBecause,
    Selection,
    Source,
    SourceKind,
)
from codybatch.services.selection import (
    MAX_FILE_BYTES,
    Selections,
    counted_reasons,
    kilobytes,
    repositories_from_file,
    repositories_in,
)
from codybatch.standins.github import GitHubStandin, faults
from tests.unit.github.kit import WatchedClock, code_host

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
FILES = {"a.py": "answer = 42\n"}


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path_factory.mktemp("github")) as running:
        old = NOW - timedelta(days=400)
        service = {"service": "push"}
        running.add_repository("acme/app", files=FILES, language="Python", permissions=service)
        running.add_repository("acme/lib", files=FILES, language="Go", topics=("tools",))
        running.add_repository("acme/old", files=FILES, language="Python", archived=True)
        running.add_repository("acme/rested", files=FILES, language="Python", pushed_at=old)
        running.add_repository("acme/secret-plans", files=FILES, language="Python")
        running.add_repository("acme/nothing")
        running.add_repository("acme/gone-soon", files=FILES, disabled=True)
        running.add_repository("other/tool", files=FILES, language="Rust", topics=("tools",))
        running.add_repository("acme/former", files=FILES, language="Shell")
        running.rename_repository("acme/former", "acme/latter")
        yield running


@pytest.fixture
def clock() -> WatchedClock:
    return WatchedClock()


@pytest.fixture
def selections(github: GitHubStandin, clock: WatchedClock) -> Iterator[Selections]:
    host = code_host(github, clock=clock)
    github.journal.clear()
    yield Selections(lambda: host, AllowList.parse("acme/*,!acme/secret*"), clock)
    host.close()


def names(*written: str) -> Source:
    found = tuple(RepositoryRef.parse(name) for name in written)
    return Source(kind=SourceKind.NAMES, names=found)


def of(kind: str, query: str) -> Source:
    return Source(kind=SourceKind(kind), query=query)


def select(
    selections: Selections, *sources: Source, filters: Filters | None = None, limit: int = 100
) -> Selection:
    found = selections.select(sources, filters or Filters(), limit)
    assert found.looked_at == len(found.chosen) + len(found.left_out)
    return found


def chosen(found: Selection) -> list[str]:
    return [str(facts.repository) for facts in found.chosen]


def left_out(found: Selection) -> dict[str, str]:
    return {str(one.repository): one.because.value for one in found.left_out}


def test_named_repositories_come_in_their_order_and_with_their_refs(selections: Selections) -> None:
    found = select(selections, names("acme/lib@main", "ACME/App"))

    assert chosen(found) == ["acme/lib@main", "acme/app"]
    assert [facts.owned for facts in found.chosen] == [False, True]
    assert found.left_out == ()
    assert found.incomplete == ""


def test_every_named_one_that_cannot_be_used_has_its_reason(selections: Selections) -> None:
    wanted = names(
        *("acme/app", "acme/imaginary", "acme/old", "acme/nothing", "acme/gone-soon"),
        *("acme/secret-plans", "other/tool", "acme/app@release", "acme/lib@no-such-branch"),
    )

    found = select(selections, wanted)

    assert chosen(found) == ["acme/app"]
    assert left_out(found) == {
        "acme/imaginary": "unusable",
        "acme/old": "archived",
        "acme/nothing": "empty",
        "acme/gone-soon": "unusable",
        "acme/secret-plans": "not_allowed",
        "other/tool": "not_allowed",
        "acme/app@release": "named_twice",
        "acme/lib@no-such-branch": "unusable",
    }
    details = {str(one.repository): one.detail for one in found.left_out}
    assert "knows no repository acme/imaginary" in details["acme/imaginary"]
    assert "no-such-branch" in details["acme/lib@no-such-branch"]
    assert "acme/app stands before it" in details["acme/app@release"]


def test_a_name_that_is_not_allowed_is_never_asked_for(
    selections: Selections, github: GitHubStandin
) -> None:
    found = select(selections, names("other/tool", "acme/secret-plans"))

    assert len(found.left_out) == 2
    assert github.requests() == []


def test_a_former_name_beside_todays_is_the_same_repository(selections: Selections) -> None:
    found = select(selections, names("acme/latter", "acme/former"))

    assert chosen(found) == ["acme/latter"]
    assert left_out(found) == {"acme/latter": "named_twice"}


def test_sources_that_overlap_give_each_repository_once(selections: Selections) -> None:
    sources = (names("acme/lib"), of("topic", "tools"), of("organisation", "acme"))

    found = select(selections, *sources)

    assert chosen(found) == ["acme/lib", "acme/app", "acme/latter", "acme/rested"]
    assert left_out(found) == {
        "other/tool": "not_allowed",
        "acme/gone-soon": "unusable",
        "acme/nothing": "empty",
        "acme/old": "archived",
        "acme/secret-plans": "not_allowed",
    }


def test_what_was_left_out_once_is_not_counted_again(selections: Selections) -> None:
    found = select(selections, names("acme/old", "acme/secret-plans"), of("organisation", "acme"))

    repositories = [one.repository for one in found.left_out]
    assert len(repositories) == len(set(repositories))


def test_a_ref_that_is_gone_does_not_hide_the_repository_from_the_next_source(
    selections: Selections,
) -> None:
    found = select(selections, names("acme/app@vanished"), of("organisation", "acme"))

    assert "acme/app" in chosen(found)
    assert left_out(found)["acme/app@vanished"] == "unusable"


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(languages=("python",)), ["acme/app", "acme/rested"]),
        (Filters(owned=True), ["acme/app"]),
        (Filters(owned=False), ["acme/latter", "acme/lib", "acme/rested"]),
        (
            Filters(languages=("Python",), pushed_since=NOW - timedelta(days=399)),
            ["acme/app"],
        ),
        (
            Filters(languages=("Python",), archived=True),
            ["acme/app", "acme/old", "acme/rested"],
        ),
    ],
)
def test_filters_keep_what_was_asked_for(
    selections: Selections, filters: Filters, kept: list[str]
) -> None:
    assert chosen(select(selections, of("organisation", "acme"), filters=filters)) == kept


def test_a_limit_that_cuts_a_source_is_told(selections: Selections) -> None:
    found = select(selections, of("organisation", "acme"), limit=2)

    assert found.looked_at == 2
    assert "the first 2 were looked at" in found.incomplete


def test_without_an_allow_list_nothing_is_asked(github: GitHubStandin) -> None:
    host = code_host(github)
    github.journal.clear()

    with pytest.raises(NoAllowList):
        Selections(lambda: host, AllowList(), WatchedClock()).select(
            [of("organisation", "acme")], Filters(), 10
        )

    assert github.requests() == []


@pytest.mark.parametrize(
    ("sources", "filters"),
    [((), Filters()), ((names("acme/app"),), Filters(min_size_kb=2, max_size_kb=1))],
)
def test_what_can_choose_nothing_is_refused(
    selections: Selections, sources: Sequence[Source], filters: Filters
) -> None:
    with pytest.raises(InvalidSelection):
        selections.select(sources, filters, 10)


def test_a_pause_that_github_asks_for_is_told_and_waited_out(
    selections: Selections, github: GitHubStandin, clock: WatchedClock
) -> None:
    github.faults.add(faults.secondary_rate_limit("POST /graphql", retry_after=7))
    told: list[str] = []

    found = selections.select([names("acme/app")], Filters(), 10, told.append)

    assert chosen(found) == ["acme/app"]
    assert any("7 s" in sentence for sentence in told)
    assert sum(clock.slept) == pytest.approx(7, abs=1.5)


def test_who_cannot_wait_is_told_when_to_come_again(
    selections: Selections, github: GitHubStandin, clock: WatchedClock
) -> None:
    github.faults.add(faults.secondary_rate_limit("POST /graphql", retry_after=7))

    with pytest.raises(CodeHostThrottled) as asked:
        replace(selections, is_patient=False).select([names("acme/app")], Filters(), 10)

    assert (asked.value.until - clock.now()).total_seconds() == pytest.approx(7, abs=1.5)
    assert clock.slept == []


def test_reasons_are_counted_the_most_frequent_first(selections: Selections) -> None:
    found = select(selections, names("other/a", "acme/old", "other/b"))

    assert [(because.value, n) for because, n in counted_reasons(found.left_out)] == [
        ("not_allowed", 2),
        ("archived", 1),
    ]


# --- a file of names


@pytest.mark.parametrize(
    "content",
    [
        b"acme/app\nacme/lib@dev\n",
        b"acme/app\r\nacme/lib@dev",
        b"\n# ours\n  acme/app  # the first\n\n\tacme/lib@dev\n\n",
        b"https://github.com/acme/app\nhttps://github.com/acme/lib/tree/dev\n",
        codecs.BOM_UTF8 + b"acme/app\nacme/lib@dev\n",
        codecs.BOM_UTF16_LE + "acme/app\r\nacme/lib@dev\r\n".encode("utf-16-le"),
    ],
)
def test_a_file_names_a_repository_a_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "repos.txt").write_bytes(content)

    assert repositories_from_file(tmp_path / "repos.txt") == names("acme/app", "acme/lib@dev").names


def test_a_hash_inside_a_branch_is_no_comment(tmp_path: Path) -> None:
    (tmp_path / "repos.txt").write_text("acme/app@fix#12\n")

    assert repositories_from_file(tmp_path / "repos.txt") == names("acme/app@fix#12").names


def test_a_minus_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"acme/app\n")))

    assert repositories_from_file(Path("-")) == names("acme/app").names


def test_faults_name_their_lines_and_many_are_counted(tmp_path: Path) -> None:
    (tmp_path / "repos.txt").write_text("acme/app\n" + "nonsense\n" * 5)

    with pytest.raises(InvalidRepository) as refused:
        repositories_from_file(tmp_path / "repos.txt")

    message = str(refused.value)
    assert "repos.txt, line 2: 'nonsense' is not a repository" in message
    assert "line 4" in message
    assert "line 5" not in message
    assert "2 more lines are wrong" in message


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "names no repository"),
        (b"# only\n\n# comments\n", "names no repository"),
        (b"acme/app\nacme/\xff\n", "line 2: this is not UTF-8"),
        (codecs.BOM_UTF16_LE + b"a", "not UTF-8"),
        (b"\x00" * 100, "is not a repository"),
        (b"acme/app\n" * (10 << 20 >> 3), f"{MAX_FILE_BYTES:,} bytes"),
        (b"x" * MAX_FILE_BYTES, "line 1"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_in_words(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    (tmp_path / "repos.txt").write_bytes(content)

    with pytest.raises((InvalidSelection, InvalidRepository)) as refused:
        repositories_from_file(tmp_path / "repos.txt")

    assert problem in str(refused.value)
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize("path", ["nowhere.txt", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidSelection, match="cannot be read"):
        repositories_from_file(tmp_path / path)


# --- sizes


@pytest.mark.parametrize(
    ("written", "size"),
    [("0", 0), ("500", 500), ("500 KB", 500), ("10MB", 10240), ("1.5gb", 1572864)],
)
def test_a_size_is_read_as_people_write_it(written: str, size: int) -> None:
    assert kilobytes(written) == size


@pytest.mark.parametrize("written", ["", "MB", "-1", "1e3", "10 TB", "1.2.3", "٣", "9" * 50])
def test_what_is_no_size_is_refused(written: str) -> None:
    with pytest.raises(InvalidSelection, match="no size"):
        kilobytes(written)


def test_what_is_named_is_looked_up_in_its_order_with_a_reason_for_what_cannot_be_used(
    selections: Selections, github: GitHubStandin
) -> None:
    names = ("acme/lib", "other/tool", "acme/old", "acme/app@nowhere", "acme/former", "acme/app")

    found = selections.look_up([RepositoryRef.parse(name) for name in names])

    lib, tool, old, nowhere, former, app = found
    assert isinstance(lib, RepositoryFacts)
    assert isinstance(app, RepositoryFacts)
    assert (lib.owned, app.owned) == (False, True)
    assert isinstance(former, RepositoryFacts)
    assert former.repository.full_name == "acme/latter"
    assert isinstance(tool, LeftOut)
    assert tool.because is LeftOutBecause.NOT_ALLOWED
    assert isinstance(old, LeftOut)
    assert "archived" in old.detail
    assert isinstance(nowhere, LeftOut)
    assert "nowhere" in nowhere.detail
    assert not any("other/tool" in str(request) for request in github.requests())


def test_nobody_is_asked_where_nothing_is_named_or_allowed(
    selections: Selections, github: GitHubStandin
) -> None:
    assert selections.look_up([]) == ()
    assert not github.requests()
    with pytest.raises(NoAllowList):
        Selections(selections.code_host, AllowList(), selections.clock).look_up([])


@pytest.mark.parametrize(
    "text", ["acme/a acme/b@v1", "acme/a,acme/b@v1;", "# both\nacme/a # one\n\n acme/b@v1"]
)
def test_a_pasted_list_is_read_however_it_is_divided(text: str) -> None:
    assert [str(one) for one in repositories_in(text)] == ["acme/a", "acme/b@v1"]


def test_a_pasted_list_that_cannot_be_read_says_what_is_wrong() -> None:
    with pytest.raises(InvalidSelection, match="owner/name on each line"):
        repositories_in(" \n# nothing")
    with pytest.raises(InvalidRepository, match=r"'five' is not a repository.* 2 more are wrong"):
        repositories_in("acme/a five six seven eight nine")
    with pytest.raises(InvalidSelection, match="Split it"):
        repositories_in("x" * (MAX_FILE_BYTES + 1))
