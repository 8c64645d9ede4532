from __future__ import annotations

import pytest

from codybatch.standins.demonstration.inspections.credentials import HardCodedCredentials


def seen(line: str, path: str) -> list[str]:
    places = HardCodedCredentials().places(path, f"first = 1\n{line}\n")
    return [f"{place.line} {place.severity}" for place in places]


@pytest.mark.parametrize(
    ("line", "path", "severity"),
    [
        ("DEPLOY_TOKEN=abcdefgh1234", "config/production.env", "high"),
        ('export API_KEY="abcdefgh1234"', "run.sh", "high"),
        ("  db_password: correct-horse", "settings.yaml", "medium"),
        ('"secret": "abcdefgh1234",', "package.json", "high"),
        ('api_key = "abcdefgh1234"', "shop/a.py", "high"),
        ('const token = "abcdefgh1234";', "src/a.js", "high"),
        ("-----BEGIN RSA PRIVATE KEY-----", "key.pem", "high"),
        ('password = "correct-horse"', "tests/test_a.py", "info"),
        ("TOKEN=your-token-here", "sample.env", "info"),
    ],
)
def test_a_value_is_seen_where_a_credential_is_expected(
    line: str, path: str, severity: str
) -> None:
    assert seen(line, path) == [f"2 {severity}"]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("TOKEN=$TOKEN", "a.env"),
        ("password:", "settings.yaml"),
        ("password: null", "settings.yaml"),
        ('token = os.environ["TOKEN"]', "a.py"),
        ("self.api_key = api_key", "a.py"),
        ("key = secrets.token_urlsafe(16)", "a.py"),
        ("password = getpass()", "a.py"),
        ("Set TOKEN=abcdefgh1234 first.", "README.md"),
    ],
)
def test_names_references_and_texts_are_not(line: str, path: str) -> None:
    assert seen(line, path) == []


def test_the_value_is_never_told() -> None:
    (place,) = HardCodedCredentials().places("a.env", "TOKEN=abcdefgh1234")

    assert "abcdefgh" not in place.message + place.suggestion
