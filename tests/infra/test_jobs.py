"""AWS Batch: capacity, queues, and what a job's container is."""

from __future__ import annotations

from typing import Any

from codybatch.engines.aws_batch.rules import ATTEMPTS, CONTAINER, RETRY_RULES
from codybatch.settings import Settings
from tests.infra_kit import Deployment, text


def definition(deployment: Deployment) -> dict[str, Any]:
    return deployment.only("AWS::Batch::JobDefinition").properties


def task(deployment: Deployment) -> dict[str, Any]:
    (only,) = definition(deployment)["EcsProperties"]["TaskProperties"]
    assert isinstance(only, dict)
    return only


def container(deployment: Deployment) -> dict[str, Any]:
    (only,) = task(deployment)["Containers"]
    assert isinstance(only, dict)
    return only


def test_spot_comes_first_and_on_demand_takes_what_is_left(deployment: Deployment) -> None:
    kinds = {
        one.name: one.properties["ComputeResources"]["Type"]
        for one in deployment.of_kind("AWS::Batch::ComputeEnvironment")
    }
    queue = deployment.only("AWS::Batch::JobQueue", name="SpotQueue").properties
    order = sorted(queue["ComputeEnvironmentOrder"], key=lambda each: each["Order"])

    capacity = [kinds[each["ComputeEnvironment"]["Fn::GetAtt"][0]] for each in order]
    assert capacity == ["FARGATE_SPOT", "FARGATE"]


def test_a_queue_without_spot_stands_ready(deployment: Deployment) -> None:
    queue = deployment.only("AWS::Batch::JobQueue", name="OnDemandQueue").properties

    assert queue["JobQueueName"] == f"codybatch-{deployment.stage}-on-demand"
    assert len(queue["ComputeEnvironmentOrder"]) == 1


def test_jobs_have_nothing_that_listens(deployment: Deployment) -> None:
    group = deployment.only("AWS::EC2::SecurityGroup", "network", "Jobs")

    assert "SecurityGroupIngress" not in group.properties
    assert not [
        one
        for one in deployment.of_kind("AWS::EC2::SecurityGroupIngress")
        if group.name in text(one.properties.get("GroupId"))
    ]
    (out,) = group.properties["SecurityGroupEgress"]
    assert (out["FromPort"], out["ToPort"], out["IpProtocol"]) == (443, 443, "tcp")


def test_a_job_that_can_never_start_is_cancelled_and_not_forgotten(deployment: Deployment) -> None:
    for queue in deployment.of_kind("AWS::Batch::JobQueue"):
        limits = queue.properties["JobStateTimeLimitActions"]
        assert {limit["Action"] for limit in limits} == {"CANCEL"}
        assert {limit["State"] for limit in limits} == {"RUNNABLE"}
        assert {limit["Reason"].partition(":")[0] for limit in limits} == {
            "CAPACITY",
            "MISCONFIGURATION",
        }
        assert all(600 <= limit["MaxTimeSeconds"] <= 86_400 for limit in limits)


def test_a_job_has_all_of_the_two_minutes_that_spot_gives(deployment: Deployment) -> None:
    assert container(deployment)["StopTimeout"] == 120


def test_a_job_runs_as_nobody_on_a_read_only_disk_with_one_scratch_folder(
    deployment: Deployment,
) -> None:
    job = container(deployment)

    assert job["User"] == "10001:10001"
    assert job["ReadonlyRootFilesystem"] is True
    assert job.get("Privileged") is not True
    (mount,) = job["MountPoints"]
    (volume,) = task(deployment)["Volumes"]
    assert mount == {"ContainerPath": "/scratch", "SourceVolume": volume["Name"]}
    variables = {each["Name"]: each["Value"] for each in job["Environment"]}
    for name in ("HOME", "TMPDIR", "CODYBATCH_HOME"):
        assert variables[name].startswith("/scratch"), name


def test_the_scratch_folder_holds_the_largest_repository_more_than_twice(
    deployment: Deployment,
) -> None:
    most_mib = Settings.model_fields["max_repository_mb"].default
    assert task(deployment)["EphemeralStorage"]["SizeInGiB"] * 1024 > 2 * most_mib


def test_what_is_tried_again_is_what_the_engine_says(deployment: Deployment) -> None:
    retries = definition(deployment)["RetryStrategy"]

    assert retries["Attempts"] == ATTEMPTS
    assert retries["EvaluateOnExit"] == [
        {name[0].upper() + name[1:]: value for name, value in rule.items()} for rule in RETRY_RULES
    ]


def test_the_container_has_the_name_by_which_the_engine_overrides_it(
    deployment: Deployment,
) -> None:
    assert container(deployment)["Name"] == CONTAINER


def test_no_attempt_runs_for_ever(deployment: Deployment) -> None:
    assert definition(deployment)["Timeout"]["AttemptDurationSeconds"] == 24 * 3600


def test_jobs_that_wait_outlive_a_deployment(deployment: Deployment) -> None:
    assert definition(deployment)["ResourceRetentionPolicy"] == {"SkipDeregisterOnUpdate": True}


def test_containers_are_told_the_queue_and_definition_of_their_stage(
    deployment: Deployment,
) -> None:
    variables = {each["Name"]: each["Value"] for each in container(deployment)["Environment"]}

    assert variables["CODYBATCH_STORE"] == "aws"
    assert variables["CODYBATCH_ENGINE"] == "aws-batch"
    queue = deployment.only("AWS::Batch::JobQueue", name="SpotQueue").properties
    assert variables["CODYBATCH_JOB_QUEUE"] == queue["JobQueueName"]
    assert variables["CODYBATCH_JOB_DEFINITION"] == definition(deployment)["JobDefinitionName"]
    group = deployment.only("AWS::Logs::LogGroup", "jobs").properties
    assert variables["CODYBATCH_LOG_GROUP"] == group["LogGroupName"]
