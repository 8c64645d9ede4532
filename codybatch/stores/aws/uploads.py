"""How an object comes into a bucket: whole and at once, and never in another's place.

A small object is one call. A larger one goes up in parts that nobody sees until the last call puts
them together; that call is the one that finds the key taken. After a conflict S3 wants all parts
again (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html), so the
bytes lie where they can be read again. Parts of an upload whose process died are no object; the
bucket's rule for unfinished uploads removes them.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from typing import IO, TYPE_CHECKING

from codybatch.domain.errors import StoreError
from codybatch.stores.aws.bucket import Bucket, Refusal
from codybatch.stores.aws.stamps import Stamp, pieces

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef

WHOLE_BYTES = 8 << 20
"""The longest object that goes up in one call; a larger one goes up in parts of so many bytes."""
_MOST_PARTS = 10_000
"""S3's limit."""
_TAKEN, _CONFLICT, _GONE = "PreconditionFailed", "ConditionalRequestConflict", "NoSuchUpload"


def upload(bucket: Bucket, key: str, stamp: Stamp, source: IO[bytes]) -> bool:
    """Put an object under a name that is free.

    Where this process's own earlier call stored it and its answer was lost, that is not known
    here: the name is taken then.

    Args:
        bucket: where to.
        key: its full name there.
        stamp: what is known of its bytes.
        source: its bytes, which can be read again.

    Returns:
        Whether it was put there; otherwise look who has the name, and where nobody has, try again.
    """
    if stamp.size <= WHOLE_BYTES:
        return _at_once(bucket, key, stamp, source)
    return _in_parts(bucket, key, stamp, source)


def _at_once(bucket: Bucket, key: str, stamp: Stamp, source: IO[bytes]) -> bool:
    content = b"".join(pieces(source, WHOLE_BYTES))
    try:
        bucket.ask(
            lambda s3: s3.put_object(
                Bucket=bucket.name,
                Key=key,
                Body=content,
                IfNoneMatch="*",
                Metadata=stamp.metadata(),
                ChecksumSHA256=_checksum(bytes.fromhex(stamp.sha256)),
            ),
            f"store {key}",
            _TAKEN,
            _CONFLICT,
        )
    except Refusal:
        return False
    return True


def _in_parts(bucket: Bucket, key: str, stamp: Stamp, source: IO[bytes]) -> bool:
    started = bucket.ask(
        lambda s3: s3.create_multipart_upload(
            Bucket=bucket.name, Key=key, Metadata=stamp.metadata(), ChecksumAlgorithm="SHA256"
        ),
        f"begin to store {key}",
    )
    under_way = _Unfinished(bucket, key, started["UploadId"])
    try:
        under_way.send(stamp, source)
        under_way.complete()
    except Refusal:
        under_way.abort()
        return False
    except BaseException:
        under_way.abort()
        raise
    return True


class _Unfinished:
    """An upload in parts."""

    def __init__(self, bucket: Bucket, key: str, upload_id: str) -> None:
        self._bucket = bucket
        self._key = key
        self._id = upload_id
        self._sent: list[CompletedPartTypeDef] = []

    def send(self, stamp: Stamp, source: IO[bytes]) -> None:
        """Send all parts.

        Raises:
            Refusal: the upload is gone.
        """
        length = max(WHOLE_BYTES, -(-stamp.size // _MOST_PARTS))
        for number, content in enumerate(pieces(source, length), 1):
            self._send_part(number, content)

    def _send_part(self, number: int, content: bytes) -> None:
        checksum = _checksum(hashlib.sha256(content).digest())
        answer = self._bucket.ask(
            lambda s3: s3.upload_part(
                Bucket=self._bucket.name,
                Key=self._key,
                UploadId=self._id,
                PartNumber=number,
                Body=content,
                ChecksumSHA256=checksum,
            ),
            f"store part {number} of {self._key}",
            _GONE,
        )
        self._sent.append(
            {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}
        )

    def complete(self) -> None:
        """Make an object of the parts.

        Raises:
            Refusal: the name is taken, another writer is in the way, or the upload is gone: it may
                have been completed by a call of ours whose answer was lost.
        """
        self._bucket.ask(
            lambda s3: s3.complete_multipart_upload(
                Bucket=self._bucket.name,
                Key=self._key,
                UploadId=self._id,
                IfNoneMatch="*",
                MultipartUpload={"Parts": self._sent},
            ),
            f"store {self._key}",
            _TAKEN,
            _CONFLICT,
            _GONE,
        )

    def abort(self) -> None:
        """Let go of what was sent; asked once, for whatever made this necessary may last."""
        with contextlib.suppress(StoreError, Refusal):
            self._bucket.ask(
                lambda s3: s3.abort_multipart_upload(
                    Bucket=self._bucket.name, Key=self._key, UploadId=self._id
                ),
                f"give up {self._key}",
                _GONE,
                pauses=(),
            )


def _checksum(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
