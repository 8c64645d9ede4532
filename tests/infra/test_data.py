"""The table and the buckets: private, encrypted, recoverable, and shaped as the code has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3

from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import schema
from tests.infra_kit import Deployment, Resource, listed

TABLE = "AWS::DynamoDB::GlobalTable"
BUCKET = "AWS::S3::Bucket"


def replica(deployment: Deployment) -> dict[str, Any]:
    """The table's part in the stage's own region, its only one."""
    (only,) = deployment.only(TABLE).properties["Replicas"]
    assert isinstance(only, dict)
    return only


def test_the_deployed_table_has_the_keys_that_the_code_has(deployment: Deployment) -> None:
    table = deployment.only(TABLE, "data").properties

    assert table["KeySchema"] == [
        {"AttributeName": schema.PARTITION_KEY, "KeyType": "HASH"},
        {"AttributeName": schema.SORT_KEY, "KeyType": "RANGE"},
    ]
    assert table["TimeToLiveSpecification"] == {
        "AttributeName": schema.TIME_TO_LIVE,
        "Enabled": True,
    }
    assert "GlobalSecondaryIndexes" not in table
    assert "LocalSecondaryIndexes" not in table


def test_cloudformation_makes_the_very_table_that_the_code_makes(
    prod: Deployment, aws: AwsStandin
) -> None:
    """Of the written template and of the code, on a stand-in, which leaves out the time to live."""
    formation = boto3.client("cloudformation", endpoint_url=aws.endpoint)
    client = boto3.client("dynamodb")
    # The rest asks whether the account is ready for the CDK.
    template = {name: prod.templates["data"][name] for name in ("Resources", "Outputs")}
    formation.create_stack(StackName="prod-data", TemplateBody=json.dumps(template))
    formation.get_waiter("stack_create_complete").wait(
        StackName="prod-data", WaiterConfig={"Delay": 1}
    )
    (stack,) = formation.describe_stacks(StackName="prod-data")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    schema.create_table(client, "made-by-code")

    def shape(name: str) -> object:
        table = client.describe_table(TableName=name)["Table"]
        attributes = {
            each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]
        }
        return table["KeySchema"], attributes, table.get("GlobalSecondaryIndexes", [])

    assert shape(outputs["Table"]) == shape("made-by-code")
    assert boto3.client("s3").head_bucket(Bucket=outputs["Bucket"])


def test_the_table_can_be_brought_back_to_any_second(deployment: Deployment) -> None:
    assert replica(deployment)["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True
    }


def test_the_table_costs_what_is_used_and_no_runaway_costs_more(deployment: Deployment) -> None:
    table = deployment.only(TABLE).properties

    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["WriteOnDemandThroughputSettings"]["MaxWriteRequestUnits"] >= 1_000
    assert replica(deployment)["ReadOnDemandThroughputSettings"]["MaxReadRequestUnits"] >= 1_000


def test_prod_refuses_to_lose_its_data(prod: Deployment) -> None:
    assert replica(prod)["DeletionProtectionEnabled"] is True
    kinds = (TABLE, BUCKET, "AWS::SecretsManager::Secret")
    kept = [one for kind in kinds for one in prod.of_kind(kind)]
    assert {one.whole["DeletionPolicy"] for one in kept} == {"Retain"}
    assert {one.whole["UpdateReplacePolicy"] for one in kept} == {"Retain"}
    assert not prod.of_kind("Custom::S3AutoDeleteObjects")


def test_dev_can_be_thrown_away_whole(dev: Deployment) -> None:
    assert replica(dev)["DeletionProtectionEnabled"] is False
    thrown = [*dev.of_kind(TABLE), *dev.of_kind(BUCKET)]
    assert {one.whole["DeletionPolicy"] for one in thrown} == {"Delete"}
    emptied = dev.of_kind("Custom::S3AutoDeleteObjects")
    assert {one.properties["BucketName"]["Ref"] for one in emptied} == {
        one.name for one in dev.of_kind(BUCKET)
    }


def test_no_bucket_is_public(deployment: Deployment) -> None:
    buckets = deployment.of_kind(BUCKET)

    assert len(buckets) == 5
    for bucket in buckets:
        blocked = bucket.properties["PublicAccessBlockConfiguration"]
        assert blocked == dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"),
            True,
        ), bucket.name


def test_every_bucket_is_encrypted(deployment: Deployment) -> None:
    for bucket in deployment.of_kind(BUCKET):
        assert bucket.properties["BucketEncryption"], bucket.name


def denials(deployment: Deployment, bucket: Resource) -> Iterator[dict[str, Any]]:
    for policy in deployment.of_kind("AWS::S3::BucketPolicy", bucket.stack):
        if policy.properties["Bucket"] == {"Ref": bucket.name}:
            for statement in policy.properties["PolicyDocument"]["Statement"]:
                if statement["Effect"] == "Deny":
                    yield statement


def test_every_bucket_refuses_what_does_not_come_over_tls(deployment: Deployment) -> None:
    for bucket in deployment.of_kind(BUCKET):
        refused = [
            statement
            for statement in denials(deployment, bucket)
            if statement["Condition"].get("Bool") == {"aws:SecureTransport": "false"}
        ]
        assert refused, bucket.name
        assert refused[0]["Principal"] == {"AWS": "*"}
        assert listed(refused[0]["Action"]) == ["s3:*"]


def test_every_bucket_refuses_old_tls(deployment: Deployment) -> None:
    for bucket in deployment.of_kind(BUCKET):
        assert any(
            statement["Condition"].get("NumericLessThan") == {"s3:TlsVersion": 1.2}
            for statement in denials(deployment, bucket)
        ), bucket.name


def test_access_to_the_buckets_is_noted(deployment: Deployment) -> None:
    logs = {one.name for one in deployment.of_kind(BUCKET) if one.name.startswith("AccessLogs")}

    for bucket in deployment.of_kind(BUCKET):
        if bucket.name not in logs:
            noted = bucket.properties["LoggingConfiguration"]["DestinationBucketName"]["Ref"]
            assert noted in logs, bucket.name


def test_no_patch_and_no_thread_ever_expires(deployment: Deployment) -> None:
    blobs = deployment.only(BUCKET, "data", "Blobs").properties
    (rule,) = blobs["LifecycleConfiguration"]["Rules"]

    assert rule["Status"] == "Enabled"
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] >= 7
    assert not {"Expiration", "ExpirationInDays", "ExpirationDate", "Transitions"} & rule.keys()
    assert blobs["VersioningConfiguration"] == {"Status": "Enabled"}
