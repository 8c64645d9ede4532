"""What each role may do: named actions on named things, and nothing that reads a whole table."""

from __future__ import annotations

from aws_cdk import Stack, aws_iam, aws_s3

from codybatch.ports.site import REPORTS
from infra.data import Data
from infra.stages import Stage

TABLE = (
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)
"""Transactions are allowed by the actions that they are made of."""
OBJECTS = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject")
"""Objects are immutable: nobody deletes one."""
LOOK_AT_BATCH = (
    "batch:DescribeJobDefinitions",
    "batch:DescribeJobQueues",
    "batch:DescribeJobs",
    "batch:ListJobs",
)
"""These know no resource:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbatch.html"""


def use_data(role: aws_iam.IRole, data: Data) -> None:
    """Let a role read and change records, and read blobs and add some."""
    _allow(role, TABLE, data.table.table_arn)
    _allow(role, OBJECTS, data.blobs.arn_for_objects("*"))
    # Without it a missing object is answered like a forbidden one.
    _allow(role, ("s3:ListBucket",), data.blobs.bucket_arn)


def publish_reports(role: aws_iam.IRole, reports: aws_s3.IBucket) -> None:
    """Let a role put reports on the site, in the place of earlier ones, and nothing beside them."""
    _allow(role, ("s3:PutObject",), reports.arn_for_objects(f"{REPORTS}/*"))


def look_data_over(role: aws_iam.IRole, data: Data) -> None:
    """Let a role see how the table and the bucket are set up, for the doctor and for health."""
    looks = ("dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive")
    _allow(role, looks, data.table.table_arn)
    looks = ("s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock")
    _allow(role, looks, data.blobs.bucket_arn)


def run_jobs(role: aws_iam.IRole, stack: Stack, stage: Stage) -> None:
    """Let a role submit to this stage's queues with its job definition, look, and end jobs."""
    definition = _arn(stack, "job-definition", stage.job_definition)
    queues = [_arn(stack, "job-queue", stage.queue(kind)) for kind in ("spot", "on-demand")]
    _allow(role, ("batch:SubmitJob",), *queues, definition, f"{definition}:*")
    # A job's ARN says nothing of its queue.
    ends = ("batch:CancelJob", "batch:TagResource", "batch:TerminateJob")
    _allow(role, ends, _arn(stack, "job", "*"))
    _allow(role, LOOK_AT_BATCH, "*")


def _arn(stack: Stack, resource: str, name: str) -> str:
    return stack.format_arn(service="batch", resource=resource, resource_name=name)


def _allow(role: aws_iam.IRole, actions: tuple[str, ...], *resources: str) -> None:
    role.add_to_principal_policy(
        aws_iam.PolicyStatement(actions=list(actions), resources=list(resources))
    )
