"""The data: the table of records, and the bucket of patches, threads and whatever else is large."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration, Stack, aws_dynamodb, aws_s3
from constructs import Construct

from codybatch.stores.aws.schema import PARTITION_KEY, SORT_KEY, TIME_TO_LIVE
from infra.buckets import access_log_bucket, private_bucket
from infra.lifetimes import removal
from infra.stages import Stage


class Data(Stack):
    """What must not be lost."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(
            scope,
            f"{stage.prefix}-data",
            description="Cody Batch: records, patches and threads",
            termination_protection=stage.keeps_data,
        )
        self.table = self._table(stage)
        self.blobs = private_bucket(
            self,
            "Blobs",
            stage,
            logs=access_log_bucket(self, stage),
            # Nothing that a record may point to expires: only what was deleted or replaced by hand.
            rules=[
                aws_s3.LifecycleRule(
                    id="leftovers",
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    noncurrent_version_expiration=Duration.days(stage.noncurrent_days),
                    expired_object_delete_marker=True,
                )
            ],
        )
        CfnOutput(self, "Table", value=self.table.table_name, description="CODYBATCH_TABLE")
        CfnOutput(self, "Bucket", value=self.blobs.bucket_name, description="CODYBATCH_BUCKET")

    def _table(self, stage: Stage) -> aws_dynamodb.TableV2:
        return aws_dynamodb.TableV2(
            self,
            "Records",
            partition_key=_text(PARTITION_KEY),
            sort_key=_text(SORT_KEY),
            time_to_live_attribute=TIME_TO_LIVE,
            billing=aws_dynamodb.Billing.on_demand(
                max_read_request_units=stage.table_most_reads,
                max_write_request_units=stage.table_most_writes,
            ),
            # The key is DynamoDB's own: encrypted at rest, without a price for each request.
            encryption=aws_dynamodb.TableEncryptionV2.dynamo_owned_key(),
            point_in_time_recovery_specification=aws_dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=stage.keeps_data,
            removal_policy=removal(stage),
        )


def _text(name: str) -> aws_dynamodb.Attribute:
    return aws_dynamodb.Attribute(name=name, type=aws_dynamodb.AttributeType.STRING)
