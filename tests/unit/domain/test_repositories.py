"""Repositories as people write them, and the allow-list against hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.errors import InvalidRepository, NoAllowList, RepositoryNotAllowed
from codybatch.domain.repositories import AllowList, RepositoryRef


def parse(text: str) -> RepositoryRef:
    return RepositoryRef.parse(text)


@pytest.mark.parametrize(
    ("text", "owner", "name", "ref"),
    [
        ("octo/repo", "octo", "repo", None),
        ("  octo/repo \n", "octo", "repo", None),
        ("Octo-Org/Re.po_1-x", "Octo-Org", "Re.po_1-x", None),
        ("octo/.github", "octo", ".github", None),
        ("mona_acme/repo", "mona_acme", "repo", None),
        ("octo/repo@main", "octo", "repo", "main"),
        ("octo/repo@feature/a@b", "octo", "repo", "feature/a@b"),
        ("octo/repo@v1.2.3", "octo", "repo", "v1.2.3"),
        ("octo/repo@" + "0" * 40, "octo", "repo", "0" * 40),
        ("octo/repo@größe", "octo", "repo", "größe"),
    ],
)
def test_a_repository_is_read_as_written(text: str, owner: str, name: str, ref: str | None) -> None:
    assert parse(text) == RepositoryRef(owner=owner, name=name, ref=ref)
    assert str(parse(text)) == text.strip()
    assert parse(text).full_name == f"{owner}/{name}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "octo",
        "octo/",
        "/repo",
        "octo//repo",
        "octo/repo/more",
        "https://github.com/octo",
        "https://github.com/octo/repo/pull/3",
        "https://github.com/../repo",
        "ssh://git@github.com/octo/repo",
        "git@github.com:octo/repo",
        "octo/..",
        "octo/.",
        "../repo",
        "octo/repo.git",
        "-octo/repo",
        "--upload-pack=x/repo",
        "octo/re po",
        "octo/re\x00po",
        "octo/repo\nother/one",
        "octo/repo;rm",
        "octo/$(id)",
        "öcto/repo",
        "octo/r\u0435po",  # a Cyrillic e
        "octo/repo\u202e",
        "a" * 40 + "/repo",
        "octo/" + "r" * 101,
        "octo/repo@",
    ],
)
def test_what_is_not_a_repository_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidRepository) as refused:
        parse(text)
    assert repr(text).replace("//git@", "//…@") in str(refused.value)
    assert "owner/name" in str(refused.value)


@pytest.mark.parametrize(
    "ref",
    [
        "-delete",
        "--upload-pack=touch",
        "/main",
        "main/",
        "main.",
        "a..b",
        "a.lock",
        "a.lock/b",
        ".hidden",
        "a/.hidden",
        "a//b",
        "a b",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[",
        "a\\b",
        "a\x7f",
        "a\x01b",
        "main@{1}",
        "@",
        "a\udc80",
        "r" * 251,
    ],
)
def test_a_ref_that_git_does_not_allow_is_refused(ref: str) -> None:
    with pytest.raises(InvalidRepository):
        parse(f"octo/repo@{ref}")


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://github.com/octo/repo", "octo/repo"),
        (" https://github.com/octo/repo.git\n", "octo/repo"),
        ("HTTPS://GitHub.com/Octo/Repo/", "Octo/Repo"),
        ("http://www.github.com/octo/repo", "octo/repo"),
        ("https://github.com/octo/repo?tab=readme-ov-file#use", "octo/repo"),
        ("https://github.com/octo/repo@feature/a@b", "octo/repo@feature/a@b"),
        ("https://github.com/octo/repo.git@v1", "octo/repo@v1"),
        ("https://github.com/octo/repo/tree/feature/a", "octo/repo@feature/a"),
        ("https://github.com/octo/.github", "octo/.github"),
        ("https://github.com/mona_acme/repo", "mona_acme/repo"),
    ],
)
def test_a_repositorys_address_is_read_like_its_name(address: str, written: str) -> None:
    assert parse(address) == parse(written)


def test_an_address_is_taken_from_the_code_host_in_use_alone() -> None:
    here = RepositoryRef.parse("http://127.0.0.1:8080/octo/repo.git", host="127.0.0.1:8080")

    with pytest.raises(InvalidRepository, match=r"which is ghe\.example\.com"):
        RepositoryRef.parse("https://github.com/octo/repo", host="ghe.example.com")

    assert here == parse("octo/repo")


@pytest.mark.parametrize(
    "address",
    [
        "https://hunter2@github.com/octo/repo",
        "https://x:hunter2@github.com/octo/repo.git",
        "https://x:hunter2@github.com",
        "ssh://x:hunter2@github.com/octo/repo",
        "https://x:hunter2@" + "h" * 300,
    ],
)
def test_a_token_in_an_address_is_refused_and_never_repeated(address: str) -> None:
    with pytest.raises(InvalidRepository) as refused:
        parse(address)
    assert "hunter2" not in str(refused.value)


def test_a_long_text_is_cut_in_the_error() -> None:
    with pytest.raises(InvalidRepository) as refused:
        parse("x" * 1_000_000)
    assert len(str(refused.value)) < 400


@given(st.text(max_size=60))
def test_reading_any_text_gives_a_repository_or_the_one_error(text: str) -> None:
    try:
        read = parse(text)
    except InvalidRepository:
        return
    assert parse(str(read)) == read


def allows(patterns: str, repository: str) -> bool:
    return AllowList.parse(patterns).permits(parse(repository))


@pytest.mark.parametrize(
    ("patterns", "repository", "allowed"),
    [
        ("my-org/*", "my-org/app", True),
        ("my-org/*", "other/app", False),
        ("my-org/*", "my-org-evil/app", False),
        ("my-org/*", "x/my-org", False),
        ("MY-Org/*", "my-oRG/App", True),
        ("my-org/App", "MY-ORG/aPP", True),
        ("my-org/app", "my-org/app2", False),
        ("my-org/app-?", "my-org/app-1", True),
        ("*/*", "any/thing", True),
        ("*", "any/thing", True),
        ("a/b, c/d", "c/d", True),
        (",, a/b ,", "a/b", True),
        ("my-org/*,!my-org/secrets", "my-org/secrets", False),
        ("my-org/*,!my-org/secrets", "MY-ORG/SECRETS", False),
        ("!MY-ORG/SECRETS,my-org/*", "my-org/secrets", False),
        ("my-org/*, ! my-org/secrets", "my-org/secrets", False),
        ("my-org/*,!my-org/secrets", "my-org/app", True),
        ("my-org/*,!*/secret*", "my-org/secret-plans", False),
        ("!my-org/*,my-org/app", "my-org/app", False),
        ("!my-org/secrets", "my-org/app", False),
        ("", "my-org/app", False),
        ("!", "my-org/app", False),
        ("my-org/*,!", "my-org/app", True),
    ],
)
def test_patterns_allow_and_exclude(patterns: str, repository: str, allowed: bool) -> None:
    assert allows(patterns, repository) is allowed


def test_the_ref_takes_no_part_in_what_is_allowed() -> None:
    assert not allows("my-org/*", "other/repo@my-org/app")
    assert allows("my-org/*,!my-org/secrets", "my-org/app@my-org/secrets")


@given(st.permutations(["*", "a/*", "a/b", "!a/b", "*/b", "A/B"]))
def test_excluding_wins_in_any_order(patterns: list[str]) -> None:
    assert not allows(",".join(patterns), "a/b")
    assert allows(",".join(patterns), "a/c")


def test_without_patterns_the_message_says_how_to_set_them() -> None:
    with pytest.raises(NoAllowList) as refused:
        AllowList().check(parse("octo/repo"))
    assert "CODYBATCH_ALLOWED_REPOSITORIES" in str(refused.value)


def test_a_forbidden_repository_is_named_beside_the_patterns() -> None:
    with pytest.raises(RepositoryNotAllowed) as refused:
        AllowList.parse("my-org/*,!my-org/secrets").check(parse("my-org/secrets"))
    assert "my-org/secrets is not allowed" in str(refused.value)
    assert "'my-org/*,!my-org/secrets'" in str(refused.value)


def test_an_allowed_repository_passes() -> None:
    AllowList.parse("my-org/*").check(parse("my-org/app"))
