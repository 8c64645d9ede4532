r"""The table of secret detectors: one pattern a kind of credential, in RE2's syntax.

detect-secrets 1.5 was tried first: it reads 0.07 MB of source a second, where this table reads
some 50; and it reports hashes, not places. Prefixes and lengths are the issuers' own, as GitHub
lists its partners' patterns (docs.github.com, "Supported secret scanning patterns").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Proof(Enum):
    """How much a match must still show before it counts as a secret."""

    FORM = "form"
    """The form alone is enough: an issuer's prefix and length. Only filler is let go."""
    PASSWORD = "password"  # noqa: S105 — the name of a rule
    """It stands where only a password can: anything but a placeholder or a reference."""
    VALUE = "value"
    """A name such as ``password`` stands beside it: the value must look random."""
    WORD = "word"
    """As VALUE, without quotes around it, so that it must not look like code either."""


@dataclass(frozen=True)
class Detector:
    """One kind of secret."""

    name: str
    pattern: str
    """In RE2's syntax, over one line; group 1, where there is one, is the secret."""
    proof: Proof = Proof.FORM


# What follows a token must not be one of its own characters, or a longer word is cut in two.
TOKENS = (
    Detector("aws-access-key-id", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    Detector("github-token", r"\bgh[pousr]_[A-Za-z0-9]{36,}"),
    Detector("github-fine-grained-token", r"\bgithub_pat_[A-Za-z0-9_]{40,}"),
    Detector(
        "gitlab-token",
        r"\bgl(?:pat|ptt|dt|rt|rtr|cbt|ft|soat|agent|imt|oas|ffct)-[A-Za-z0-9_.-]{20,}",
    ),
    Detector("slack-token", r"\bxox[abceoprs](?:\.[a-z0-9]+)?-[A-Za-z0-9-]{10,}"),
    Detector("slack-app-token", r"\bxapp-[0-9]-[A-Za-z0-9-]{20,}"),
    Detector(
        "slack-webhook",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9_]+/[A-Za-z0-9_/]{20,})",
    ),
    Detector("discord-webhook", r"discord(?:app)?\.com/api/webhooks/[0-9]+/([A-Za-z0-9_-]{50,})"),
    Detector("stripe-key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    Detector("stripe-webhook-secret", r"\bwhsec_[A-Za-z0-9+/=]{24,}"),
    Detector("anthropic-key", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    Detector("openai-key", r"\bsk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}"),
    Detector("openai-legacy-key", r"\bsk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    Detector("unnamed-sk-key", r"\bsk-(?:or-v1-)?[A-Za-z0-9]{32,}\b"),
    Detector("google-api-key", r"\bAIza[0-9A-Za-z_-]{35}"),
    Detector("google-oauth-secret", r"\bGOCSPX-[A-Za-z0-9_-]{28}"),
    Detector("google-oauth-token", r"\bya29\.[0-9A-Za-z_-]{20,}"),
)
MORE_TOKENS = (
    Detector("npm-token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    Detector("pypi-token", r"\bpypi-AgE[A-Za-z0-9_-]{50,}"),
    Detector("rubygems-token", r"\brubygems_[a-f0-9]{48}\b"),
    Detector("docker-token", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{27,}"),
    Detector("hugging-face-token", r"\bhf_[A-Za-z0-9]{34,}\b"),
    Detector("sendgrid-key", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{32,}"),
    Detector("twilio-key", r"\bSK[0-9a-f]{32}\b"),
    Detector("mailgun-key", r"\bkey-[0-9a-f]{32}\b"),
    Detector("mailchimp-key", r"\b[0-9a-f]{32}-us[0-9]{1,2}\b"),
    Detector("telegram-bot-token", r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    Detector("digitalocean-token", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    Detector("shopify-token", r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b"),
    Detector("vault-token", r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}"),
    Detector("terraform-token", r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}"),
    Detector("databricks-token", r"\bdapi[0-9a-f]{32}\b"),
    Detector("grafana-token", r"\bgl(?:sa|c)_[A-Za-z0-9_+/=]{32,}"),
    Detector("sentry-token", r"\bsntry[su]_[A-Za-z0-9+/=_-]{40,}"),
    Detector("newrelic-key", r"\bNRAK-[A-Z0-9]{27}\b"),
    Detector("postman-key", r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b"),
    Detector("atlassian-token", r"\bATATT3[A-Za-z0-9_=-]{100,}"),
    Detector("linear-key", r"\blin_(?:api|oauth)_[A-Za-z0-9]{32,}\b"),
    Detector("square-token", r"\bsq0[a-z]{3}-[A-Za-z0-9_-]{22,}"),
    Detector("pulumi-token", r"\bpul-[a-f0-9]{40}\b"),
    Detector("supabase-token", r"\bsb(?:p_[a-f0-9]{40}|_secret_[A-Za-z0-9_-]{20,})\b"),
    Detector("age-secret-key", r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b"),
    Detector("azure-client-secret", r"\b[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,}"),
)
LONG_TOKENS = (
    Detector("azure-account-key", r"(?:Account|SharedAccess)Key=([A-Za-z0-9+/]{40,}={0,2})"),
    Detector("azure-signature", r"[?&]sig=([A-Za-z0-9%+/]{40,})"),
    Detector(
        "json-web-token",
        r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    ),
)
ADDRESSES = (
    Detector(
        "address-with-password",
        r"[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s:/?#@\"'`<>|\\]*:([^\s/?#@\"'`<>|\\]{3,})@",
        Proof.PASSWORD,
    ),
)
_NAME = (
    r"(?i:pass(?:word|wd|phrase|code)|pwd|secret|token|api_?key|apikey|access_?key(?:_?id)?|"
    r"(?:auth|private|secret|signing|encryption|master|account|shared)_?key|"
    r"credentials?|client_?secret)[0-9]{0,2}"
)
_NAME = _NAME.replace("_?", "[-_. ]?")
_IS = r"[\"'`]?\]?[ \t]{0,30}(?::=|=>|[:=])[ \t]{0,30}"
ASSIGNMENTS = (
    Detector("assigned-value", rf"{_NAME}{_IS}[brufBRUF@$]{{0,2}}\"([^\"\s]{{6,}})\"", Proof.VALUE),
    Detector("assigned-value", rf"{_NAME}{_IS}[brufBRUF]{{0,2}}'([^'\s]{{6,}})'", Proof.VALUE),
    Detector("assigned-value", rf"{_NAME}{_IS}`([^`\s]{{6,}})`", Proof.VALUE),
    Detector("escaped-value", rf"{_NAME}\\\"{_IS}\\\"([^\"\\\s]{{6,}})\\\"", Proof.VALUE),
)
WORDS = (
    Detector(
        "assigned-word", rf"{_NAME}{_IS}([^\s\"'`,;<>(){{}}\[\]&]{{8,}})(?:[\s,;&]|$)", Proof.WORD
    ),
    Detector(
        "environment-line",
        r"^[ \t+-]*(?:export[ \t]+|ENV[ \t]+|set[ \t]+)?[A-Z][A-Z0-9_]*"
        r"(?:PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|TOKEN|KEY|CREDENTIALS?)[0-9]{0,2}"
        r"=([^\s\"'`]{6,})[ \t\r]*$",
        Proof.VALUE,
    ),
    Detector("xml-value", rf"<[A-Za-z0-9_.:-]*{_NAME}>([^<>\s]{{6,}})</", Proof.VALUE),
    Detector(
        "authorization-header",
        r"(?i:authorization)[\"']?[ \t]{0,10}[:=,][ \t]{0,10}[\"']?"
        r"(?i:basic|bearer|token)[ \t]{1,4}([A-Za-z0-9_.~+/=-]{16,})",
        Proof.VALUE,
    ),
    Detector(
        "npm-auth", r":_(?:authToken|password|auth)[ \t]{0,4}=[ \t]{0,4}([^\s\"']{8,})", Proof.VALUE
    ),
    Detector("netrc", r"\blogin[ \t]+\S+[ \t]+password[ \t]+(\S{6,})", Proof.VALUE),
)

# Detectors that are looked for together: a text is first asked for a whole family, and families are
# small enough for RE2's automaton to stay in its memory (all in one reads 31 MB a second).
FAMILIES = (TOKENS, MORE_TOKENS, LONG_TOKENS, ADDRESSES, ASSIGNMENTS, WORDS)

KEY_BEGIN = r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
KEY_END = r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
