"""Buckets as all stacks make them: private, encrypted, over TLS alone, their access noted."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, aws_s3
from constructs import Construct

from infra.lifetimes import removal
from infra.stages import Stage

LOG_DAYS = 90
"""How long it can be seen who asked for an object."""


def private_bucket(
    scope: Construct,
    name: str,
    stage: Stage,
    *,
    logs: aws_s3.IBucket,
    rules: Sequence[aws_s3.LifecycleRule],
) -> aws_s3.Bucket:
    """A bucket that nobody reads without a role of this account.

    Versions are kept, so that what is deleted or replaced by mistake can be had back for a while.

    Args:
        scope: the stack.
        name: its name in the stack.
        stage: whether it outlives the stack.
        logs: where its access is noted.
        rules: its lifecycle.
    """
    return aws_s3.Bucket(
        scope,
        name,
        block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        encryption=aws_s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        versioned=True,
        server_access_logs_bucket=logs,
        server_access_logs_prefix=f"{name.lower()}/",
        lifecycle_rules=rules,
        removal_policy=removal(stage),
        auto_delete_objects=not stage.keeps_data,
    )


def access_log_bucket(
    scope: Construct, stage: Stage, *, for_cloudfront: bool = False
) -> aws_s3.Bucket:
    """Where the access to other buckets is noted.

    Args:
        scope: the stack.
        stage: whether it outlives the stack.
        for_cloudfront: whether CloudFront writes here, which needs access control lists.
    """
    ownership = (
        aws_s3.ObjectOwnership.BUCKET_OWNER_PREFERRED
        if for_cloudfront
        else aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED
    )
    return aws_s3.Bucket(
        scope,
        "AccessLogs",
        block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=ownership,
        encryption=aws_s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        lifecycle_rules=[aws_s3.LifecycleRule(id="old", expiration=Duration.days(LOG_DAYS))],
        removal_policy=removal(stage),
        auto_delete_objects=not stage.keeps_data,
    )
