"""The sample repositories are what the demonstration's prompts need."""

from __future__ import annotations

import ast
import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.standins.github import GitHubStandin
from codybatch.standins.repositories import CATALOGUE, SampleRepository, files_of, materialise
from codybatch.standins.repositories.materialise import TREES
from tests.unit.standins.github_world import pygithub

NAMES = [sample.full_name for sample in CATALOGUE]


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubStandin]:
    standin = GitHubStandin(tmp_path_factory.mktemp("github"))
    materialise(standin)
    with standin as running:
        yield running


def calls(full_name: str) -> Iterator[tuple[str, ast.AST]]:
    """Every attribute of a repository's Python code, and every call by its dotted name."""
    for path, file in files_of(full_name).items():
        if path.endswith(".py"):
            for node in ast.walk(ast.parse(file.content, path)):
                if isinstance(node, ast.Attribute):
                    yield node.attr, node
                if isinstance(node, ast.Call):
                    yield ast.unparse(node.func), node


def repositories_where(name: str, without_keyword: str = "") -> set[str]:
    return {
        sample.full_name
        for sample in CATALOGUE
        for called, node in calls(sample.full_name)
        if called == name
        and isinstance(node, ast.Call)
        and without_keyword not in {keyword.arg for keyword in node.keywords}
    }


@pytest.mark.parametrize("full_name", NAMES)
def test_a_repository_has_a_projects_size_and_parts(full_name: str) -> None:
    paths = files_of(full_name)

    assert 6 <= len(paths) <= 25
    assert any(path.startswith("README") for path in paths)
    assert any("test" in path for path in paths)
    assert all(list(ast.walk(ast.parse(f.content))) for p, f in paths.items() if p.endswith(".py"))


@pytest.mark.parametrize("sample", CATALOGUE, ids=NAMES)
def test_naive_times_are_used_where_the_catalogue_says(sample: SampleRepository) -> None:
    # Of a class: a function of the repository's own may have that name.
    found = calls(sample.full_name)
    names = {name for name, node in found if isinstance(node, ast.Attribute)}

    assert bool(names & {"utcnow", "utcfromtimestamp"}) is sample.uses_naive_times


def test_there_is_enough_of_each_kind() -> None:
    owned = [sample for sample in CATALOGUE if sample.is_owned]

    assert len(NAMES) == len(set(NAMES)) >= 14
    assert sum(not sample.uses_naive_times for sample in owned) >= 4
    assert sum(sample.uses_naive_times for sample in owned) >= 5
    assert 2 <= len(CATALOGUE) - len(owned) < len(owned)


def test_naive_times_come_in_many_forms() -> None:
    code = "\n".join(
        file.content.decode("utf-8-sig")
        for name in NAMES
        for path, file in files_of(name).items()
        if path.endswith(".py")
    )

    for form in (
        "from datetime import datetime\n",
        "import datetime\n",
        "import datetime as dt\n",
        "dt.datetime.utcnow()",
        "datetime.datetime.utcnow()",
        "default_factory=datetime.utcnow",
        "default_factory=lambda: datetime.utcnow()",
        "exported_at=datetime.utcnow()",
        "clock=datetime.datetime.utcnow",
        'datetime.utcnow().isoformat(timespec="milliseconds") + "Z"',
        "datetime.utcfromtimestamp(",
    ):
        assert form in code, form


def test_texts_that_only_speak_of_naive_times_are_left_to_tell_apart() -> None:
    spoken_of = {
        name
        for name in NAMES
        for file in files_of(name).values()
        if b"datetime.utcnow()" in file.content
    }
    quiet = {sample.full_name for sample in CATALOGUE if not sample.uses_naive_times}

    assert spoken_of & quiet == {"demo-org/session-store"}
    assert b'"Python tip: datetime.utcnow()' in (
        files_of("demo-org/chat-bot")["bot/plugins/help.py"].content
    )


def test_other_prompts_have_material_too() -> None:
    patient = repositories_where("requests.get", without_keyword="timeout")
    loading = repositories_where("yaml.load", without_keyword="Loader")

    assert len(patient) >= 4
    assert loading == {"demo-org/booking-service", "demo-org/etl-pipeline"}
    assert len(repositories_where("pickle.loads") | repositories_where("pickle.load")) == 3
    assert repositories_where("requests.get") - patient == set()
    assert {"demo-org/storefront", "demo-org/metrics-agent"} & patient == set()


def test_bytes_that_tools_like_to_change_are_there(github: GitHubStandin) -> None:
    def content(full_name: str, path: str) -> bytes:
        return github.bare(full_name).git("cat-file", "blob", f"main:{path}")

    export = content("demo-org/invoice-ledger", "ledger/export.py")
    assert b"datetime.utcnow()" in export
    assert export.count(b"\n") == export.count(b"\r\n") > 20
    assert content("demo-org/booking-service", "booking/reminders.py").startswith(codecs.BOM_UTF8)
    assert "Käserei".encode() in content("demo-org/csv-importer", "samples/zürich.csv")
    assert content("demo-org/image-thumbs", "assets/logo.png").startswith(b"\x89PNG\r\n")
    assert content("demo-org/image-thumbs", "docs/logo.png") == b"../assets/logo.png"
    assert b"dot-" not in github.bare("demo-org/weather-client").git(
        "ls-tree", "-r", "--name-only", "main"
    )


def test_modes_are_those_of_scripts_and_links(github: GitHubStandin) -> None:
    def modes(full_name: str) -> dict[str, str]:
        listed = github.bare(full_name).git("ls-tree", "-r", "main").decode().splitlines()
        return {line.split("\t")[1]: line.split()[0] for line in listed}

    assert modes("demo-org/log-shipper")["bin/ship"] == "100755"
    assert modes("demo-org/image-thumbs")["docs/logo.png"] == "120000"


def test_traps_are_planted() -> None:
    booking = files_of("demo-org/booking-service")["config/production.env"].content.decode()

    assert b"ignore all earlier instructions" in files_of("demo-org/chat-bot")["README.md"].content
    assert re.search(r"\bAKIA[0-9A-Z]{16}\b", booking)
    assert re.search(r"\bghp_[0-9A-Za-z]{36}\b", booking)
    assert "AGENTS.md" in files_of("demo-org/etl-pipeline")


def test_nothing_of_it_disturbs_our_own_tools() -> None:
    package = TREES.parent
    own = [file for file in package.rglob("*") if file.is_file() and "__pycache__" not in str(file)]

    assert {file.suffix for file in own if TREES in file.parents} == {".txt"}
    for file in own:
        text = file.read_text(encoding="utf-8")
        assert re.search(r"AKIA[0-9A-Z]{16}|ghp_[0-9A-Za-z]{36}", text) is None, file
        assert "\r" not in text
        assert not text.startswith("\ufeff")


def test_commits_are_the_same_every_time(github: GitHubStandin, tmp_path: Path) -> None:
    again = GitHubStandin(tmp_path)

    assert materialise(again) == tuple(NAMES)
    for name in NAMES:
        assert again.bare(name).branches() == github.bare(name).branches()
        assert again.bare(name).git("rev-list", "--count", "main") == b"2\n"


def test_the_service_may_push_to_its_own_organisation_only(github: GitHubStandin) -> None:
    client = pygithub(github)

    for owner, may_push in (("demo-org", True), ("upstream", False)):
        found = list(client.get_organization(owner).get_repos())
        assert {repository.permissions.push for repository in found} == {may_push}
    assert client.get_repo("demo-org/storefront").language == "JavaScript"
    assert client.get_repo("demo-org/metrics-agent").language == "Go"


def test_code_search_finds_them(github: GitHubStandin) -> None:
    hits = pygithub(github).search_code("utcnow language:python org:demo-org")

    found = {hit.repository.full_name for hit in hits}
    naive = {s.full_name for s in CATALOGUE if s.is_owned and s.uses_naive_times}
    assert naive < found
    assert found - naive == {"demo-org/session-store"}


def test_an_unknown_repository_is_named() -> None:
    with pytest.raises(KeyError, match="demo-org/gone"):
        files_of("demo-org/gone")
