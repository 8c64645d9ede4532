"""What each role may do: no more than it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.access import TABLE
from tests.infra_kit import ROOT, Deployment, listed, text

OURS = {
    "api": ("HttpRole", "TickRole", "BatchEventRole"),
    "jobs": ("Execution", "Job"),
    "workbench": ("Execution", "Pages"),
}
CDKS = ("CustomS3AutoDeleteObjects", "CustomCDKBucketDeployment", "IndexCustomResource")
"""Functions of the CDK's own, which run at deployment alone."""
WITHOUT_RESOURCES = {
    "batch:DescribeJobDefinitions",
    "batch:DescribeJobQueues",
    "batch:DescribeJobs",
    "batch:ListJobs",
    "ecr:GetAuthorizationToken",
}
"""Actions that AWS lets nobody narrow down."""
NEVER = {
    "dynamodb:CreateTable",
    "dynamodb:DeleteTable",
    "dynamodb:PartiQLSelect",
    "dynamodb:Scan",
    "dynamodb:UpdateTable",
    "iam:PassRole",
    "s3:DeleteBucket",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketPolicy",
    "secretsmanager:PutSecretValue",
}


def allowed(deployment: Deployment) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement that allows something to a role of ours."""
    for stack, roles in OURS.items():
        for role in roles:
            for statement in deployment.statements(stack, role):
                if statement["Effect"] == "Allow":
                    yield f"{stack}/{role}", statement


def actions(statements: list[dict[str, Any]]) -> set[str]:
    return {action for each in statements for action in listed(each["Action"])}


def test_every_policy_belongs_to_a_role_that_is_looked_at(deployment: Deployment) -> None:
    for stack, template in deployment.templates.items():
        for name, one in template["Resources"].items():
            if one["Type"] == "AWS::IAM::Role" and not name.startswith(CDKS):
                known = (*OURS.get(stack, ()), "VpcFlowLogIAMRole", "FlowLog", "VpcFlowLog")
                assert name.startswith(known), f"{stack}/{name}"


def test_no_role_has_a_wildcard_among_its_actions(deployment: Deployment) -> None:
    for role, statement in allowed(deployment):
        assert not [each for each in listed(statement["Action"]) if "*" in each], role
        assert "NotAction" not in statement, role


def test_no_role_reads_a_whole_table_or_removes_anything_large(deployment: Deployment) -> None:
    for role, statement in allowed(deployment):
        assert not NEVER & set(listed(statement["Action"])), role


def test_only_what_knows_no_resource_is_allowed_on_all(deployment: Deployment) -> None:
    for role, statement in allowed(deployment):
        if "*" in listed(statement["Resource"]):
            assert set(listed(statement["Action"])) <= WITHOUT_RESOURCES, role


def test_no_managed_policy_widens_a_role_of_ours(deployment: Deployment) -> None:
    for one in deployment.of_kind("AWS::IAM::Role"):
        if not one.name.startswith(CDKS):
            assert "ManagedPolicyArns" not in one.properties, one.name
            assert "Policies" not in one.properties, one.name


def test_a_job_reaches_its_records_and_blobs_and_nothing_else(deployment: Deployment) -> None:
    statements = deployment.statements("jobs", "Job")

    assert actions(statements) == {
        *TABLE,
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }


@pytest.mark.parametrize(
    ("stack", "role"),
    [("api", "HttpRole"), ("api", "TickRole"), ("api", "BatchEventRole"), ("workbench", "Pages")],
)
def test_jobs_are_submitted_to_this_stage_alone(
    deployment: Deployment, stack: str, role: str
) -> None:
    (submits,) = (
        each
        for each in deployment.statements(stack, role)
        if "batch:SubmitJob" in listed(each["Action"])
    )

    assert listed(submits["Action"]) == ["batch:SubmitJob"]
    named = [text(resource) for resource in listed(submits["Resource"])]
    assert len(named) == 4
    own = f"codybatch-{deployment.stage}-"
    assert all(f":job-queue/{own}" in name or f":job-definition/{own}" in name for name in named)


READERS = {
    "Credentials": {"jobs/Execution", "api/HttpRole", "api/TickRole", "workbench/Execution"},
    "ApiTokens": {"api/HttpRole"},
    "AccessToken": {"workbench/Execution"},
}


@pytest.mark.parametrize("secret", READERS)
def test_a_secret_is_read_by_who_needs_it(deployment: Deployment, secret: str) -> None:
    readers = {
        role
        for role, statement in allowed(deployment)
        if "secretsmanager:GetSecretValue" in listed(statement["Action"])
        and any(f"Ref{secret}" in text(one) for one in listed(statement["Resource"]))
    }

    assert readers == READERS[secret]


def test_pages_put_reports_on_the_site_and_nothing_beside_them(deployment: Deployment) -> None:
    puts = [
        text(resource)
        for each in deployment.statements("workbench", "Pages")
        if "s3:PutObject" in listed(each["Action"])
        for resource in listed(each["Resource"])
        if "Reports" in text(resource)
    ]

    assert len(puts) == 1
    assert "/reports/*" in puts[0]


CALLED = re.compile(r"\b(?:client|db|s3)\.([a-z_]+)\b")
MAKING = {
    "create_bucket",
    "create_table",
    "get_waiter",
    "put_public_access_block",
    "update_time_to_live",
}
"""What is made by the stacks here, and by the code on stand-ins."""
LOCAL = {"close", "exceptions", "generate_presigned_url", "meta"}
OF_A_CALL = {
    "abort_multipart_upload": "s3:AbortMultipartUpload",
    "complete_multipart_upload": "s3:PutObject",
    "create_multipart_upload": "s3:PutObject",
    "get_bucket_policy_status": "s3:GetBucketPolicyStatus",
    "get_object": "s3:GetObject",
    "get_public_access_block": "s3:GetBucketPublicAccessBlock",
    "head_bucket": "s3:ListBucket",
    "head_object": "s3:GetObject",
    "put_object": "s3:PutObject",
    "upload_part": "s3:PutObject",
    "transact_write_items": "dynamodb:ConditionCheckItem",
}
"""S3 names few of its actions after its calls; a transaction is allowed by its parts."""


def action_of(call: str, adapter: str) -> str:
    name = "".join(part.capitalize() for part in call.split("_"))
    if adapter == "engines":
        return f"batch:{name}"
    return OF_A_CALL.get(call) or f"dynamodb:{name}"


def called() -> set[str]:
    """The actions behind the calls that the code makes."""
    found = set()
    for adapter in ("stores/aws", "engines/aws_batch"):
        for path in (ROOT / "codybatch" / adapter).glob("*.py"):
            for call in set(CALLED.findall(path.read_text())) - MAKING - LOCAL:
                if not call.startswith("_"):
                    found.add(action_of(call, adapter.partition("/")[0]))
    return found


@pytest.mark.parametrize(("stack", "role"), [("workbench", "Pages"), ("api", "HttpRole")])
def test_who_uses_all_of_the_code_may_make_each_call_that_it_makes(
    deployment: Deployment, stack: str, role: str
) -> None:
    allowed_here = actions(deployment.statements(stack, role))

    assert len(called()) > 20
    assert called() <= allowed_here


def test_nothing_is_allowed_that_the_code_does_not_do(deployment: Deployment) -> None:
    beside = {"batch:TagResource"}  # asked for by SubmitJob, which has tags
    granted = actions(deployment.statements("workbench", "Pages"))

    assert granted - beside == called()
