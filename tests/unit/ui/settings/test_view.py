"""What the page of settings shows, in words."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from codybatch.services.doctor import Finding, Health
from codybatch.settings import load_settings
from codybatch.ui.settings.view import BROWSERS, kept_where, limits, report, zones


def test_each_limit_names_its_value_and_its_variable(tmp_path: Path) -> None:
    found = {one.variable: one.value for one in limits(load_settings(home=tmp_path))}

    assert found["CODYBATCH_MAX_REPOSITORIES_PER_REQUEST"] == "5"
    assert found["CODYBATCH_JOB_COST_CAP_USD"] == "$2.00"


def test_no_cap_is_said(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, daily_cost_cap_usd=None)

    assert "no cap" in [one.value for one in limits(settings)]


def test_every_zone_that_is_offered_can_be_used() -> None:
    first, *named = zones()

    assert first == BROWSERS
    assert "Europe/Zurich" in named
    assert all(ZoneInfo(name) for name in named)


def test_a_report_has_the_worst_first_and_no_secret() -> None:
    secret = "sk-ant-" + "a" * 40
    found = [
        Finding(check="git", health=Health.OK, detail="2.39"),
        Finding(check="model", health=Health.FAILED, detail=f"refused {secret}", mend="Mend it."),
        Finding(check="disk", health=Health.WARNING, detail="nearly full"),
    ]

    made = report(found, lambda text: text.replace(secret, "[redacted]"))

    assert [check.name for check in made.checks] == ["Model", "Disk", "Git"]
    assert made.summary == "1 thing must be mended before jobs can run."
    assert secret not in str(made)


def test_a_report_without_trouble_says_so() -> None:
    assert report([Finding(check="git", health=Health.OK, detail="")], str).summary == (
        "All is well."
    )


def test_it_says_where_everything_is_kept(tmp_path: Path) -> None:
    here = load_settings(home=tmp_path)
    there = load_settings(home=tmp_path, store="aws", table="a-table", bucket="a-bucket")

    assert kept_where(here) == f"Everything is kept in {tmp_path}."
    assert "the DynamoDB table a-table" in kept_where(there)
    assert "the S3 bucket a-bucket" in kept_where(there)
