from __future__ import annotations

import pytest

from codybatch.workspace.sensitive_paths import why_sensitive


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".github/workflows/deep/er.yaml",
        ".github/actions/setup/action.yml",
        "tools/build/action.yaml",
        ".GitHub/Workflows/CI.yml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "azure-pipelines-release.yaml",
        "Jenkinsfile",
        "ci/Jenkinsfile.release",
        ".buildkite/pipeline.yml",
        "CODEOWNERS",
        ".github/CODEOWNERS",
        "docs/CODEOWNERS",
        ".husky/pre-commit",
        ".husky/_/husky.sh",
        "scripts/hooks/pre-push",
        ".pre-commit-config.yaml",
        "lefthook.yml",
        "Dockerfile",
        "services/api/Dockerfile.dev",
        "api.dockerfile",
        "compose.yaml",
        "docker-compose.override.yml",
        ".devcontainer/devcontainer.json",
        "package-lock.json",
        "web/yarn.lock",
        "Cargo.lock",
        "go.sum",
        "uv.lock",
        ".gitattributes",
        "sub/.gitattributes",
        ".gitmodules",
        "AGENTS.md",
        "packages/api/CLAUDE.md",
        "claude.MD",
        ".claude/settings.json",
        "packages/api/.claude/commands/x.md",
        ".cursor/rules/x.mdc",
        ".cursorrules",
        ".mcp.json",
        ".github/copilot-instructions.md",
        ".bashrc",
        "home/.zshrc",
        ".envrc",
        ".vscode/tasks.json",
        ".npmrc",
        "web/.npmrc",
        "src/sitecustomize.py",
        "odd\n/.bashrc",
    ],
)
def test_a_person_looks_at_these(path: str) -> None:
    assert why_sensitive(path)


@pytest.mark.parametrize(
    "path",
    [
        "src/app.py",
        "README.md",
        "docs/workflows/ci.yml",
        ".github/ISSUE_TEMPLATE.md",
        ".github/workflows.md",
        "src/hooks/useState.ts",
        "src/hooks/update.ts",
        "src/compose.py",
        "docs/Dockerfile_tips.md/x",
        "composer.json",
        "package.json",
        "requirements.txt",
        "src/agents.py",
        "docs/agents.mdx",
        "bashrc",
        ".bashrc.d/x",
        ".gitignore",
        "test_action.yml.txt",
        "codeowners.py",
        "",
    ],
)
def test_nobody_is_bothered_with_these(path: str) -> None:
    assert why_sensitive(path) is None
