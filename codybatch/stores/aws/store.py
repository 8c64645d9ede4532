"""The store on AWS: one DynamoDB table and one S3 bucket."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from boto3.session import Session

from codybatch.stores.aws.bucket import Bucket
from codybatch.stores.aws.connection import PATIENCE, Connection
from codybatch.stores.aws.objects import S3Blobs
from codybatch.stores.aws.patience import OF_A_WORKER, USUAL
from codybatch.stores.aws.records import DynamoRecords
from codybatch.stores.aws.schema import create_table
from codybatch.stores.aws.table import Table

log = logging.getLogger(__name__)


class AwsStore:
    """Records and blobs; nothing is asked of AWS before their first use.

    Region, credentials and endpoints are the SDK's own settings (``AWS_REGION`` and its kin).
    """

    def __init__(
        self, table: str, bucket: str, session: Session | None = None, *, is_patient: bool = False
    ) -> None:
        """Keep the names of the table and the bucket.

        Args:
            table: the table's.
            bucket: the bucket's.
            session: the SDK's, which makes clients; a new one where None.
            is_patient: whether nobody waits for an answer, so that AWS may take minutes.
        """
        of_table, of_bucket = (OF_A_WORKER,) * 2 if is_patient else (PATIENCE, USUAL)
        self._connection = Connection(table, of_table, session)
        self._bucket = Bucket(bucket, of_bucket, session)
        self.blobs = S3Blobs(self._bucket)
        self.records = DynamoRecords(Table(self._connection), self.blobs)

    def create(self) -> None:
        """Make table and bucket where they are missing: for stand-ins, which no infrastructure
        makes.
        """
        create_table(self._connection.client, self._connection.table)
        self._bucket.create()

    @property
    def setbacks(self) -> Mapping[str, Mapping[str, int]]:
        """See ``Store.setbacks``."""
        counts = {
            "DynamoDB": self._connection.setbacks.counts(),
            "S3": self._bucket.setbacks.counts(),
        }
        return {service: reasons for service, reasons in counts.items() if reasons}

    def close(self) -> None:
        """Let go of connections, and log what was asked again; nothing may be called after."""
        for service, reasons in self.setbacks.items():
            log.warning("%s was asked again: %s", service, dict(reasons))
        self.records.close()
        self._bucket.close()
