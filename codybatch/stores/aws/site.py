"""The site in the cloud: a private bucket, with CloudFront and a password before it."""

from __future__ import annotations

from collections.abc import Mapping

from boto3.session import Session

from codybatch.ports.site import INDEX, REPORTS, in_order, kind_of
from codybatch.stores.aws.bucket import Bucket
from codybatch.stores.aws.patience import USUAL
from codybatch.stores.object_keys import check_names

CACHED = "public, max-age=60"
"""A report that was made again is seen within a minute, without a call to CloudFront."""


class S3Site:
    """``Site`` in a bucket; nothing is asked before the first use."""

    def __init__(self, bucket: str, url: str, session: Session | None = None) -> None:
        """Keep where it is.

        Args:
            bucket: the bucket's name.
            url: where browsers find what is in it; empty where nobody said.
            session: the SDK's; a new one where None.
        """
        self._bucket = Bucket(bucket, USUAL, session, setting="CODYBATCH_SITE_BUCKET")
        self._url = url.rstrip("/") or f"s3://{bucket}"

    def publish(self, folder: str, files: Mapping[str, bytes]) -> str:
        """See ``Site.publish``; a write bears being repeated, for the last one counts."""
        check_names(folder, files)
        for name, content in in_order(files):
            self._put(f"{REPORTS}/{folder}/{name}", content)
        return f"{self._url}/{REPORTS}/{folder}/{INDEX if INDEX in files else ''}"

    def create(self) -> None:
        """Make the bucket where it is missing: for stand-ins, which no infrastructure makes."""
        self._bucket.create()

    def _put(self, key: str, content: bytes) -> None:
        self._bucket.ask(
            lambda s3: s3.put_object(
                Bucket=self._bucket.name,
                Key=key,
                Body=content,
                ContentType=kind_of(key),
                CacheControl=CACHED,
            ),
            f"publish {key}",
        )
