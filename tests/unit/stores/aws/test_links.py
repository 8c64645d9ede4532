"""A link gives one object to whoever has it, for minutes, under a name that is only a name."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import timedelta
from email.message import Message
from urllib.parse import parse_qs, urlsplit

import botocore.auth
import pytest
from botocore.compat import get_current_datetime

from codybatch.domain.errors import BlobDamaged, BlobMissing
from codybatch.stores.aws.bucket import Bucket
from codybatch.stores.aws.objects import S3Blobs

KEY = "jobs/1/patch"
CONTENT = b"diff --git a/x b/x\n"


def downloaded(link: str) -> tuple[bytes, Message]:
    """As somebody without credentials does."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(link, timeout=30) as answer:
        return answer.read(), answer.headers


def refused(link: str) -> str:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        downloaded(link)
    with refusal.value as answer:
        assert answer.status == 403
        return answer.read().decode()


@pytest.fixture
def blobs(stored: Bucket) -> S3Blobs:
    return S3Blobs(stored)


def test_a_link_gives_the_bytes_as_a_file(blobs: S3Blobs) -> None:
    ref = blobs.put(KEY, CONTENT)

    content, headers = downloaded(blobs.link(ref, "01j-1.patch"))

    assert content == CONTENT
    assert headers["Content-Disposition"] == 'attachment; filename="01j-1.patch"'
    assert headers["Content-Type"] == "application/octet-stream"


def test_a_link_lives_for_minutes(blobs: S3Blobs) -> None:
    ref = blobs.put(KEY, CONTENT)

    query = parse_qs(urlsplit(blobs.link(ref, "x")).query)

    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["300"]


def test_a_link_that_has_run_out_is_refused(
    blobs: S3Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = blobs.put(KEY, CONTENT)
    with monkeypatch.context() as earlier:
        earlier.setattr(
            botocore.auth,
            "get_current_datetime",
            lambda: get_current_datetime() - timedelta(minutes=6),
        )
        link = blobs.link(ref, "x.patch")

    assert "expired" in refused(link)


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("X-Amz-Expires=300", "X-Amz-Expires=30000"),
        ("jobs/1/patch", "jobs/2/patch"),
        ("x.patch", "x.html"),
        ("attachment", "inline"),
    ],
)
def test_a_link_opens_nothing_else(blobs: S3Blobs, part: str, other: str) -> None:
    ref = blobs.put(KEY, CONTENT)
    blobs.put("jobs/2/patch", CONTENT)
    link = blobs.link(ref, "x.patch")
    assert part in link

    assert "SignatureDoesNotMatch" in refused(link.replace(part, other))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a b.patch", "a-b.patch"),
        ('x"; filename="y.exe', "x-filename-y.exe"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\r\nSet-Cookie: a=b", "a-Set-Cookie-a-b"),
        ("\u202egnp.exe", "gnp.exe"),
        (".bashrc", "bashrc"),
        ("日本", "download"),
        ("", "download"),
        ("x" * 500 + ".patch", "x" * 144 + ".patch"),
    ],
)
def test_a_hostile_file_name_is_only_a_name(blobs: S3Blobs, name: str, safe: str) -> None:
    ref = blobs.put(KEY, CONTENT)

    _, headers = downloaded(blobs.link(ref, name))

    assert headers["Content-Disposition"] == f'attachment; filename="{safe}"'


@pytest.mark.parametrize("lifetime", [timedelta(), timedelta(minutes=-1), timedelta(hours=2)])
def test_a_link_is_neither_dead_nor_lasting(blobs: S3Blobs, lifetime: timedelta) -> None:
    ref = blobs.put(KEY, CONTENT)

    with pytest.raises(ValueError, match="lives from a second"):
        blobs.link(ref, "x", lifetime)


def test_there_is_no_link_to_what_is_not_there_or_not_what_was_stored(blobs: S3Blobs) -> None:
    ref = blobs.put(KEY, CONTENT)

    with pytest.raises(BlobMissing):
        blobs.link(ref.with_(key="jobs/2"), "x")
    with pytest.raises(BlobDamaged):
        blobs.link(ref.with_(sha256="0" * 64), "x")
