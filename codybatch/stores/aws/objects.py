"""The blobs port on S3.

An object's bytes stand in the bucket as they are, under ``blobs/`` and its key, so that a link
gives them to whoever may read them; their digests are its metadata. A key is written once: every
write asks S3 to refuse it where the key is taken, and whoever is refused looks whether what is
there is what it was about to store. So a write may be repeated whatever became of its answer.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from botocore.exceptions import ResponseStreamingError
from urllib3.exceptions import HTTPError

from codybatch.domain.errors import BlobExists, BlobMissing, StoreFull, StoreUnavailable
from codybatch.domain.threads import BlobRef
from codybatch.ports.blobs import LINK_LIFETIME
from codybatch.stores.aws.bucket import Bucket, Refusal
from codybatch.stores.aws.stamps import Stamp, damaged, part_bytes, stamp_in, stamp_of
from codybatch.stores.aws.uploads import WHOLE_BYTES, upload
from codybatch.stores.object_keys import parts_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef

PREFIX = "blobs/"
_WINDOW_BYTES = 8 << 20
"""What one read asks for at most, in whole parts: no connection waits for who reads slowly."""

_LONGEST_LINK = timedelta(hours=1)
_LONGEST_NAME = 150


class S3Blobs:
    """``Blobs`` in a bucket; nothing is asked before the first use."""

    def __init__(self, bucket: Bucket) -> None:
        """Keep the bucket."""
        self._bucket = bucket

    def put(self, key: str, content: bytes | Iterator[bytes]) -> BlobRef:
        """See ``Blobs.put``; what comes in pieces is gathered in a temporary file first, for S3
        may want all of it twice.
        """
        parts_of(key)
        with _gathered(content) as (source, size):
            stamp = stamp_of(source, size)
            ref = stamp.ref(key)
            # Of a large object it pays to know beforehand.
            if size > WHOLE_BYTES and (found := self.find(key)):
                return _same(found, ref)
            return self._put(ref, stamp, source)

    def _put(self, ref: BlobRef, stamp: Stamp, source: IO[bytes]) -> BlobRef:
        pauses = self._bucket.patience.pauses()
        while not upload(self._bucket, PREFIX + ref.key, stamp, source):
            if found := self.find(ref.key):
                return _same(found, ref)
            pause = next(pauses, None)
            if pause is None:
                raise StoreUnavailable(
                    f"S3 did not store {ref.key}: other writers stayed in the way, and then there "
                    "was no such object. Try again in a moment."
                )
            time.sleep(pause)
        return ref

    def find(self, key: str) -> BlobRef | None:
        """See ``Blobs.find``; the bytes are not read.

        Raises:
            BlobDamaged: what is stored was not stored by us.
        """
        parts_of(key)
        try:
            head = self._bucket.ask(
                lambda s3: s3.head_object(Bucket=self._bucket.name, Key=PREFIX + key),
                f"look for {key}",
                "404",
            )
        except Refusal:
            self._bucket.confirm()
            return None
        return stamp_in(head["Metadata"], head["ContentLength"], key).ref(key)

    def get(self, ref: BlobRef, start: int = 0, end: int | None = None) -> bytes:
        """See ``Blobs.get``."""
        return b"".join(self._pieces(ref, start, ref.size if end is None else end))

    def stream(self, ref: BlobRef) -> Iterator[bytes]:
        """See ``Blobs.stream``; what is missing is told at once."""
        self._look_up(ref)
        return self._pieces(ref, 0, ref.size)

    def link(self, ref: BlobRef, file_name: str, lifetime: timedelta = LINK_LIFETIME) -> str:
        """See ``Blobs.link``."""
        if not timedelta(seconds=1) <= lifetime <= _LONGEST_LINK:
            raise ValueError(f"a link lives from a second to {_LONGEST_LINK}, not {lifetime}")
        self._look_up(ref)
        return self._bucket.ask(
            lambda s3: s3.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket.name,
                    "Key": PREFIX + ref.key,
                    "ResponseContentDisposition": f'attachment; filename="{_safe(file_name)}"',
                    "ResponseContentType": "application/octet-stream",
                },
                ExpiresIn=int(lifetime.total_seconds()),
            ),
            f"sign a link to {ref.key}",
        )

    def _look_up(self, ref: BlobRef) -> None:
        found = self.find(ref.key)
        if found is None:
            raise _missing(ref.key)
        _expect(found, ref)

    def _pieces(self, ref: BlobRef, start: int, end: int) -> Iterator[bytes]:
        if start < 0 or end < 0:
            raise ValueError(f"a range begins at 0 or later, not {start}:{end}")
        parts_of(ref.key)
        end = min(end, ref.size)
        if start >= end:
            self._look_up(ref)
            return
        for number, part in self._parts(ref, start, end):
            begin = number * part_bytes(ref.size)
            yield part[max(0, start - begin) : end - begin]

    def _parts(self, ref: BlobRef, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """The whole parts, from 0, that a range touches, each checked."""
        length = part_bytes(ref.size)
        first, after = start // length, -(-end // length)
        window = max(1, _WINDOW_BYTES // length)
        for number in range(first, after, window):
            until = min(number + window, after)
            content, stamp = self._read(ref, number * length, min(until * length, ref.size))
            for offset in range(until - number):
                part = content[offset * length : (offset + 1) * length]
                if hashlib.sha256(part).digest() != stamp.digest_of(number + offset):
                    raise damaged(ref.key, "their digest is another")
                yield number + offset, part

    def _read(self, ref: BlobRef, begin: int, end: int) -> tuple[bytes, Stamp]:
        """The bytes from ``begin`` up to ``end``, not yet checked, and what they are checked by."""
        try:
            content, answer = self._bucket.ask(
                lambda s3: self._fetch(s3, ref.key, begin, end),
                f"read {ref.key}",
                "NoSuchKey",
                "InvalidRange",
            )
        except Refusal as refusal:
            if refusal.code == "NoSuchKey":
                raise _missing(ref.key) from refusal
            raise damaged(ref.key, "it is shorter") from refusal
        total = int(answer["ContentRange"].rpartition("/")[2])
        stamp = stamp_in(answer["Metadata"], total, ref.key)
        _expect(stamp.ref(ref.key), ref)
        return content, stamp

    def _fetch(
        self, s3: S3Client, key: str, begin: int, end: int
    ) -> tuple[bytes, GetObjectOutputTypeDef]:
        answer = s3.get_object(
            Bucket=self._bucket.name, Key=PREFIX + key, Range=f"bytes={begin}-{end - 1}"
        )
        # Entered as a context, the body gives what lies under it, without the SDK's checks.
        with closing(answer["Body"]) as body:
            try:
                return body.read(), answer
            except HTTPError as error:  # such as TLS's, which the SDK lets through
                raise ResponseStreamingError(error=error) from error


def _safe(file_name: str) -> str:
    """A name that no browser and no file system takes for anything else."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file_name)[-_LONGEST_NAME:].lstrip(".-")
    return name or "download"


@contextmanager
def _gathered(content: bytes | Iterator[bytes]) -> Iterator[tuple[IO[bytes], int]]:
    """Bytes that can be read more than once, and how many they are."""
    if isinstance(content, bytes):
        yield BytesIO(content), len(content)
        return
    with SpooledTemporaryFile(max_size=WHOLE_BYTES) as file:
        for piece in content:
            _write(file, piece)
        yield file, file.tell()


def _write(file: IO[bytes], piece: bytes) -> None:
    try:
        file.write(piece)
    except OSError as error:
        raise StoreFull(
            f"The folder of temporary files cannot take an object on its way to S3 "
            f"({error.strerror}). Free some space, or set TMPDIR to a folder that has some."
        ) from error


def _same(found: BlobRef, ref: BlobRef) -> BlobRef:
    if found != ref:
        raise BlobExists(
            f"The object {ref.key} exists and holds other bytes; objects are never replaced."
        )
    return found


def _expect(found: BlobRef, ref: BlobRef) -> None:
    if found != ref:
        raise damaged(ref.key, "it holds others than the record names")


def _missing(key: str) -> BlobMissing:
    return BlobMissing(f"There is no object {key}, though a record may point to it.")
