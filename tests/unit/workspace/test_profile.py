from __future__ import annotations

import time
from pathlib import Path

import pytest

from codybatch.domain.repositories import LanguageShare
from codybatch.workspace.manifest import SUBMODULE, SYMLINK
from codybatch.workspace.profile import README_BYTES, profile, redacted_head
from tests.tree_kit import GITHUB_TOKEN, LFS_POINTER, PASSWORD, Files, make_tree

PYPROJECT = """
[project]
name = "shop"
dependencies = ["Django>=4", "djangorestframework", "celery[redis]", "django-filter"]
[project.scripts]
shop = "shop.cli:main"
"shop-admin" = "shop.admin:main"
[dependency-groups]
test = ["pytest>=8"]
"""


def test_an_ordinary_repository_is_described(tmp_path: Path) -> None:
    files: Files = {
        "README.md": "# Shop\nSells things.\n",
        "pyproject.toml": PYPROJECT,
        "uv.lock": "version = 1\n",
        "manage.py": "run()\n",
        "shop/__main__.py": "main()\n",
        "shop/cli.py": "x" * 500,
        "shop/tests/test_cli.py": "y" * 100,
        "web/package.json": '{"dependencies": {"react": "^18", "next": "14"}}',
        "web/yarn.lock": "",
        "web/src/index.tsx": "z" * 50,
        "web/src/__tests__/deep/a.test.ts": "",
        "tests/test_all.py": "",
        "Makefile": "all:\n",
        ".github/workflows/ci.yml": "on: push\n",
        "AGENTS.md": "Be nice.\n",
        ".cursor/rules/style.mdc": "Tabs.\n",
    }
    found = profile(make_tree(tmp_path, files))
    assert found.files == len(files)
    assert found.bytes == sum(len(content) for content in files.values())
    assert found.languages[0] == LanguageShare(language="Python", files=5, bytes=613)
    assert {share.language for share in found.languages} >= {"TypeScript", "Makefile", "YAML"}
    assert found.package_managers == ("Yarn", "uv")
    assert found.frameworks == (
        "Celery",
        "Django",
        "Django REST framework",
        "Next.js",
        "React",
        "pytest",
    )
    assert found.test_folders == ("shop/tests", "tests", "web/src/__tests__")
    assert found.entry_points == (
        "shop = shop.cli:main",
        "shop-admin = shop.admin:main",
        "manage.py",
        "shop/__main__.py",
        "shop/cli.py",
        "web/src/index.tsx",
    )
    assert found.top_level[:3] == (".cursor/", ".github/", "AGENTS.md")
    assert found.readme == "# Shop\nSells things.\n"
    assert found.guidance_files == (".cursor/rules/style.mdc", "AGENTS.md")


def test_an_empty_repository_has_an_empty_profile(tmp_path: Path) -> None:
    found = profile(make_tree(tmp_path))
    assert (found.files, found.bytes, found.languages, found.readme) == (0, 0, (), None)


@pytest.mark.parametrize(
    ("name", "content", "manager", "framework"),
    [
        ("go.mod", "require (\n\tgithub.com/gin-gonic/gin v1.9.1\n)\n", "Go modules", "Gin"),
        ("Cargo.toml", '[dependencies]\ntokio = "1"\n', "Cargo", "Tokio"),
        ("pom.xml", "<artifactId>spring-boot-starter-web</artifactId>", "Maven", "Spring Boot"),
        ("build.gradle.kts", 'id("org.springframework.boot")', "Gradle", "Spring Boot"),
        ("Gemfile", "gem 'rails', '~> 7'\n", "Bundler", "Ruby on Rails"),
        ("composer.json", '{"require": {"laravel/framework": "^10"}}', "Composer", "Laravel"),
        ("requirements.txt", "flask==2.3\n", "pip", "Flask"),
        ("requirements-dev.txt", "pytest\n", "pip", "pytest"),
        ("App.csproj", '<Project Sdk="Microsoft.NET.Sdk.Web">', "NuGet", "ASP.NET Core"),
        ("package.json", '{"dependencies": {"vue": "3"}}', "npm", "Vue"),
    ],
)
def test_each_kind_of_manifest_is_understood(
    tmp_path: Path, name: str, content: str, manager: str, framework: str
) -> None:
    found = profile(make_tree(tmp_path, {name: content}))
    assert found.package_managers == (manager,)
    assert found.frameworks == (framework,)


def test_names_that_only_contain_a_frameworks_name_do_not_count(tmp_path: Path) -> None:
    files = {"package.json": '{"dependencies": {"react-dom-x": "1", "my-express": "2"}}'}
    assert profile(make_tree(tmp_path, files)).frameworks == ()


def test_vendored_code_counts_as_files_and_for_nothing_else(tmp_path: Path) -> None:
    files = {
        "a.go": "x",
        "vendor/x/y.go": "x" * 1_000,
        "node_modules/z/package.json": '{"dependencies": {"react": "1"}}',
        "node_modules/z/index.js": "x",
    }
    found = profile(make_tree(tmp_path, files))
    assert found.files == 4
    assert found.languages == (LanguageShare(language="Go", files=1, bytes=1),)
    assert (found.frameworks, found.package_managers, found.entry_points) == ((), (), ())


def test_links_submodules_and_lfs_pointers_are_counted(tmp_path: Path) -> None:
    files: Files = {"l": "a.py", "m": b"", "a.py": "1", "x.bin": LFS_POINTER, "y": LFS_POINTER[:60]}
    found = profile(make_tree(tmp_path, files, {"l": SYMLINK, "m": SUBMODULE}))
    assert (found.symlinks, found.submodules, found.lfs_files) == (1, ("m",), 2)


def test_the_readme_is_redacted_before_it_is_cut(tmp_path: Path) -> None:
    for shift in range(-40, 10, 7):
        text = "x" * (README_BYTES + shift) + f' token = "{GITHUB_TOKEN}"\n' + "é" * 5_000
        found = profile(make_tree(tmp_path / str(shift), {"readme.MD": text}))
        assert found.readme is not None
        assert "ghp_" not in found.readme
        assert len(found.readme.encode()) <= README_BYTES
    head = redacted_head(make_tree(tmp_path, {"a": f"password='{PASSWORD}' ü"}), "a", 100)
    assert head == "password='[redacted]' ü"


def test_a_markdown_readme_comes_before_others_and_binaries_are_no_text(tmp_path: Path) -> None:
    files: Files = {"README": "plain", "README.md": "marked", "README.txt": "text"}
    assert profile(make_tree(tmp_path / "1", files)).readme == "marked"
    assert profile(make_tree(tmp_path / "2", {"README.md": b"\xff\xfea\0"})).readme == ""
    linked = make_tree(tmp_path / "3", {"README.md": "docs/x.md"}, {"README.md": SYMLINK})
    assert profile(linked).readme is None


def test_strange_names_are_escaped_and_never_guidance(tmp_path: Path) -> None:
    files = {
        "caf\udce9.py": "1",
        "x\n/y.py": "2",
        "a\u202e/CLAUDE.md": "3",
        "tests\n/CLAUDE.md": "4",
    }
    found = profile(make_tree(tmp_path, files))
    assert found.top_level == ("a\\u202e/", "caf\\xe9.py", "tests\\u000a/", "x\\u000a/")
    assert found.guidance_files == ()
    found.to_json().encode()


@pytest.mark.timeout(20)
def test_hostile_manifests_cost_little(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": "[project.scripts]\n" + "a" * 200_000 + "\n=" * 20_000,
        "x/pyproject.toml": "[project.scripts]\n" * 10_000,
        "package.json": "[" * 500_000,
        "y/package.json": '"react' * 50_000,
        "pom.xml": "<!DOCTYPE x [<!ENTITY a '" + "b" * 100_000 + "'>]>" + "&a;" * 1_000,
        **{f"many/{n}/package.json": '{"dependencies": {"express": "1"}}' for n in range(500)},
    }
    began = time.process_time()
    profile(make_tree(tmp_path, files))
    assert time.process_time() - began < 5
