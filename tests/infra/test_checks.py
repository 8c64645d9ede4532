"""What others' rules say of the templates: cfn-lint, and the rule pack AwsSolutions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.acknowledged import ACKNOWLEDGED
from tests.infra_kit import Deployment

# The CDK names dependencies that a reference implies already; nobody is misled by that.
IGNORED = ("W3005",)
LINTER = Path(sys.executable).with_name("cfn-lint")


@pytest.fixture(scope="session")
def report(deployment: Deployment) -> dict[str, Any]:
    """What the rule pack found when the templates were written."""
    written = json.loads((deployment.folder / "validation-report.json").read_text())
    (pack,) = (one for one in written["pluginReports"] if one["pluginName"] == "AwsSolutions")
    assert isinstance(pack, dict)
    return pack


def test_cfn_lint_finds_nothing(deployment: Deployment) -> None:
    templates = sorted(str(path) for path in deployment.folder.glob("*.template.json"))
    assert len(templates) == len(deployment.templates)
    finished = subprocess.run(
        [LINTER, "--ignore-checks", *IGNORED, "--template", *templates],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_the_rule_pack_finds_nothing_that_is_not_explained(report: dict[str, Any]) -> None:
    assert report["conclusion"] == "success"
    assert report["violations"] == []


def test_every_exception_has_a_reason_of_its_own(report: dict[str, Any]) -> None:
    assert report["suppressedViolations"]
    for found in report["suppressedViolations"]:
        assert len(found["reason"]) > 20, found["ruleName"]


def test_no_exception_is_left_over(report: dict[str, Any], deployment: Deployment) -> None:
    """Each acknowledged rule was met: one that is mended is taken out of the list."""
    met = {
        (
            found["acknowledgedAt"].removeprefix(f"codybatch-{deployment.stage}-"),
            found["acknowledgedId"],
        )
        for found in report["suppressedViolations"]
    }
    assert len(met) == sum(len(rules) for rules in ACKNOWLEDGED.values())
