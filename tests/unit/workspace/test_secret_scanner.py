from __future__ import annotations

import sysconfig
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codybatch.workspace.secret_patterns import FAMILIES
from codybatch.workspace.secret_scanner import SecretScanner

SCANNER = SecretScanner()
MIXED = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
KEY_BODY = "\n".join(f"MIIE{number:02d}{MIXED}{MIXED[:20]}" for number in range(4))

# Every secret is put together here, so that no scanner takes this file for a leak. Each example is
# the text, and the secret in it.
EXAMPLES: dict[str, list[tuple[str, str]]] = {
    "aws-access-key-id": [("id = {}", "AKIA" + "Q3EGRWSHPAV7NBZ5")],
    "github-token": [("x {} y", "gho_" + MIXED), ("({})", "ghp_" + MIXED)],
    "github-fine-grained-token": [("{}", "github_pat_11ABCDEFG0" + MIXED + "_" + MIXED)],
    "gitlab-token": [("{}", "glpat-" + MIXED[:20]), ("{}", "gldt-" + MIXED[:20])],
    "slack-token": [("{}", "xoxb-" + "123456789012-" + MIXED[:24])],
    "slack-app-token": [("{}", "xapp-1-" + "A012-" + MIXED)],
    "slack-webhook": [("https://hooks.slack.com/services/{}", "T0AAAAAA1/B0BBBBBB2/" + MIXED[:24])],
    "discord-webhook": [("https://discord.com/api/webhooks/1234567890/{}", MIXED * 2)],
    "stripe-key": [("{}", "sk_live_" + MIXED[:24]), ("{}", "rk_test_" + MIXED[:24])],
    "stripe-webhook-secret": [("{}", "whsec_" + MIXED[:32])],
    "anthropic-key": [("{}", "sk-ant-api03-" + MIXED + "-" + MIXED)],
    "openai-key": [("{}", "sk-proj-" + MIXED)],
    "openai-legacy-key": [("{}", "sk-" + MIXED[:20] + "T3Blbk" + "FJ" + MIXED[:20])],
    "unnamed-sk-key": [("{}", "sk-" + HEX[:48])],
    "google-api-key": [("{}", "AIza" + MIXED[:35])],
    "google-oauth-secret": [("{}", "GOCSPX-" + MIXED[:28])],
    "google-oauth-token": [("{}", "ya29." + MIXED)],
    "npm-token": [("{}", "npm_" + MIXED)],
    "pypi-token": [("{}", "pypi-" + "AgEIcHlwaS5vcmc" + MIXED * 2)],
    "rubygems-token": [("{}", "rubygems_" + HEX[:48])],
    "docker-token": [("{}", "dckr_pat_" + MIXED[:27])],
    "hugging-face-token": [("{}", "hf_" + MIXED[:34])],
    "sendgrid-key": [("{}", "SG." + MIXED[:22] + "." + MIXED + MIXED[:7])],
    "twilio-key": [("{}", "SK" + HEX[:32])],
    "mailgun-key": [("{}", "key-" + HEX[:32])],
    "mailchimp-key": [("{}", HEX[:32] + "-us12")],
    "telegram-bot-token": [("{}", "123456789:" + "AA" + MIXED[:33])],
    "digitalocean-token": [("{}", "dop_v1_" + HEX)],
    "shopify-token": [("{}", "shpat_" + HEX[:32])],
    "vault-token": [("{}", "hvs." + MIXED)],
    "terraform-token": [("{}", MIXED[:14] + ".atlasv1." + MIXED + MIXED[:30])],
    "databricks-token": [("{}", "dapi" + HEX[:32])],
    "grafana-token": [("{}", "glsa_" + MIXED[:32] + "_" + HEX[:8])],
    "sentry-token": [("{}", "sntrys_" + MIXED + MIXED)],
    "newrelic-key": [("{}", "NRAK-" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ1")],
    "postman-key": [("{}", "PMAK-" + HEX[:24] + "-" + HEX[:34])],
    "atlassian-token": [("{}", "ATATT3" + MIXED * 4)],
    "linear-key": [("{}", "lin_api_" + MIXED)],
    "square-token": [("{}", "sq0atp-" + MIXED[:22])],
    "pulumi-token": [("{}", "pul-" + HEX[:40])],
    "supabase-token": [("{}", "sbp_" + HEX[:40])],
    "age-secret-key": [("{}", "AGE-SECRET-KEY-1" + ("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2)[:58])],
    "azure-client-secret": [("{}", "abc8" + "Q~" + MIXED[:34])],
    "azure-account-key": [("AccountName=x;AccountKey={};", MIXED * 2 + "aB3dE6gH9jK2mN" + "==")],
    "azure-signature": [("https://x/y?sv=2020&sig={}&se=1", MIXED + "%2B" + MIXED[:8] + "%3D")],
    "json-web-token": [("{}", "eyJ" + MIXED + ".eyJ" + MIXED + "." + MIXED)],
    "address-with-password": [
        ("postgres://app:{}@db.internal:5432/shop", "s3cr3t-pw"),
        ("url = 'redis://:{}@cache'", "hunter2hunter"),
        ("https://x-access-token:{}@github.com/a/b", "v1." + HEX[:40]),
    ],
    "assigned-value": [
        ('password = "{}"', "hunter2"),
        ("PASSWORD: '{}'", "Tr0ub4dor&3"),
        ('  "apiKey": "{}",', "9f8e7d6c5b4a"),
        ('config["secret_key"] = "{}"', "k8Jq2Lm4Np6"),
        ('clientSecret := "{}"', "8Xz9Qw7Lm3Kp5Rt1"),
        ("token => '{}'", "abc9def8ghi7"),
        ('db_password = b"{}"', "p4ssw0rdXY"),
        ('aws_secret_access_key = "{}"', "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzz" + "zzKEY1"),
        ('password = "{}"', "çà3-Ünîcode9"),
        ("secret: `{}`", "z9Y8x7W6v5"),
    ],
    "escaped-value": [(r'"{{\"password\": \"{}\"}}"', "Qw3rtyUi0p")],
    "assigned-word": [
        ("password: {}", "s3cr3tP4ss!"),
        ("db.password={}", "Zx81-Kq22-Lm33"),
        ("Server=x;Password={};Database=y", "Qw3rty99"),
    ],
    "environment-line": [
        ("DB_PASSWORD={}", "hunter2x"),
        ("export STRIPE_SECRET={}", "a1b2c3d4e5"),
        ("ENV API_TOKEN={}", "t0k3nV4lue"),
    ],
    "xml-value": [("<password>{}</password>", "Zx9Cv8Bn7")],
    "authorization-header": [
        ("Authorization: Bearer {}", "abcDEF123456ghiJKL"),
        ("'Authorization': 'Basic {}'", "dXNlcjpodW50ZXIy"),
    ],
    "npm-auth": [("//registry.npmjs.org/:_authToken={}", "3f2a1b4c-5d6e-7f80-9a1b")],
    "netrc": [("machine github.com login bob password {}", "Xk29fkq1")],
}


def found_in(text: str) -> list[str]:
    return [text[span.start : span.end] for span in SCANNER.find(text)]


@pytest.mark.parametrize(
    ("rule", "text", "secret"),
    [
        (rule, text.format(secret), secret)
        for rule, examples in EXAMPLES.items()
        for text, secret in examples
    ],
)
def test_each_kind_of_secret_is_found_exactly(rule: str, text: str, secret: str) -> None:
    around = f"# first line\n{text}\nlast = 1\n"
    assert found_in(around) == [secret]
    assert rule


def test_every_detector_has_an_example() -> None:
    assert {detector.name for family in FAMILIES for detector in family} == set(EXAMPLES)


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_each_detector_finds_its_example_by_itself(rule: str) -> None:
    family = [detector for family in FAMILIES for detector in family if detector.name == rule]
    alone = SecretScanner([family])
    texts = [text.format(secret) for text, secret in EXAMPLES[rule]]
    assert all({span.rule for span in alone.find(text)} == {rule} for text in texts)


@pytest.mark.parametrize(
    "text",
    [
        'password = "password"',
        'password = "changeme123"',
        'password = ""',
        'password = os.environ["DB_PASSWORD_1"]',
        "password = get_password(1)",
        'password = "${DB_PASSWORD_1}"',
        'password: "{{ vault.password_1 }}"',
        "password: $PASSWORD_1",
        'token = "<your-token-1>"',
        'token = "your_token_here_1"',
        'api_key = "xxxxxxxxxxxxxxxx"',
        'secret = "my-secret"',
        'token_type = "bearer1"',
        "token = self.token2",
        "token: Token2Response",
        "input_token = 'NextPageToken'",
        'private_key = "Ed25519PrivateKey"',
        'key = "9f86d081884c7d659a2feaa0c55ad015"',
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "https://user:password@example.com",
        "https://user:pass@localhost",
        "http://localhost:8080/@x",
        "mailto:someone@example.com",
        'Token: "#d8dee9"',
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        'password = "[redacted-secret-3f9a2c1b]"',
        "token = r'[a-zA-Z0-9]{40}'",
        "-----BEGIN PRIVATE KEY-----",
        'if "-----BEGIN RSA PRIVATE KEY-----" in text:\n    return parse(text)\n',
        "-----BEGIN CERTIFICATE-----\n" + KEY_BODY + "\n-----END CERTIFICATE-----",
    ],
)
def test_ordinary_code_is_left_alone(text: str) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize("indent", ["", "    ", "# ", " * "])
@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_key_is_found_line_by_line(kind: str, indent: str) -> None:
    lines = [f"-----BEGIN {kind}PRIVATE KEY-----", *KEY_BODY.split("\n"), "Zm9v"]
    lines.append(f"-----END {kind}PRIVATE KEY-----")
    text = "before\n" + "".join(f"{indent}{line}\n" for line in lines) + "after = 1\n"
    assert found_in(text) == [*KEY_BODY.split("\n"), "Zm9v"]


def test_a_key_without_its_end_is_found_up_to_where_it_stops() -> None:
    text = f"-----BEGIN PRIVATE KEY-----\n{KEY_BODY}\nand prose goes on here\nMIIEabcdef\n"
    assert found_in(text) == KEY_BODY.split("\n")


def test_the_header_of_an_encrypted_key_stays_readable() -> None:
    head = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n"
    text = head + KEY_BODY + "\n-----END RSA PRIVATE KEY-----\n"
    assert found_in(text) == KEY_BODY.split("\n")


def test_a_key_on_one_line_with_escaped_line_ends_is_found() -> None:
    body = KEY_BODY.split("\n")
    text = '{"private_key": "-----BEGIN PRIVATE KEY-----\\n' + "\\n".join(body)
    text += '\\n-----END PRIVATE KEY-----\\n", "id": 7}'
    assert found_in(text) == body


def test_a_key_in_a_diff_keeps_the_signs_of_the_lines() -> None:
    lines = ["-----BEGIN PRIVATE KEY-----", *KEY_BODY.split("\n"), "-----END PRIVATE KEY-----"]
    text = "".join(f"+{line}\n" for line in lines)
    assert found_in(text) == KEY_BODY.split("\n")


def test_spans_count_characters_also_behind_wide_ones() -> None:
    text = f'# ünïcödé 😀\npassword = "{MIXED}"  # 😀\ntoken = "{HEX[:20]}"\n'
    assert found_in(text) == [MIXED, HEX[:20]]


@settings(max_examples=200, deadline=None)
@given(
    before=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60),
    after=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60),
)
def test_a_secret_is_found_whatever_lines_stand_around_it(before: str, after: str) -> None:
    token = "ghp_" + MIXED
    text = f"{before}\n  {token} \n{after}"
    assert any(token in found for found in found_in(text))
    assert all("\n" not in found for found in found_in(text))


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----\n" * 40_000,
        "-----BEGIN PRIVATE KEY-----" + "A" * 1_000_000,
        "-----BEGIN PRIVATE KEY-----\n" + ("n" * 200 + "!\n") * 5_000,
        'password = "' + "a1" * 500_000 + '"',
        "password=" * 100_000,
        "a://" * 250_000,
        "eyJ" + "a" * 1_000_000 + ".eyJ",
        "x" * 1_000_000,
        "[redacted" * 100_000,
    ],
    ids=lambda text: text[:20],
)
@pytest.mark.timeout(20)
def test_no_text_makes_the_scanner_slow(text: str) -> None:
    SCANNER.find(text)


def test_few_lines_of_the_standard_library_are_taken_for_secrets() -> None:
    library = Path(sysconfig.get_paths()["stdlib"])
    folders = ("", "asyncio", "email", "http", "json", "logging", "unittest", "urllib", "xml/dom")
    files = [path for folder in folders for path in sorted((library / folder).glob("*.py"))]
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in islice(files, 400)]
    lines = sum(text.count("\n") for text in texts)
    found = [secret for text in texts for secret in found_in(text)]
    assert lines > 100_000
    assert len(found) * 50_000 < lines, found
