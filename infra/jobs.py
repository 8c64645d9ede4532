"""AWS Batch: where jobs run, the queues before it, and what a job's container is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Duration, Stack, aws_batch, aws_iam
from aws_cdk import aws_ecr_assets as assets
from constructs import Construct

from codybatch.engines.aws_batch.rules import ATTEMPTS, CONTAINER, RETRY_RULES
from infra import access
from infra.environment import SCRATCH, Surroundings
from infra.images import image
from infra.lifetimes import log_group
from infra.network import Network
from infra.secrets import CREDENTIALS, Secrets

if TYPE_CHECKING:
    from types_boto3_batch.type_defs import EvaluateOnExitTypeDef

VCPUS, MEMORY_MIB = 1, 4096
SCRATCH_GIB = 50
"""Image, and the largest repository that the settings allow, twice: one checkout proves a patch."""
STOP_SECONDS = 120
"""Fargate Spot warns two minutes before it takes a task back; the container may use all of them."""
MOST_HOURS = 24
"""A job that asks for more minutes is submitted with a timeout of its own."""
STUCK = Duration.hours(1)
"""How long a job may wait for what will never be there; the tick submits it again or says why."""


class Jobs(Stack):
    """Fargate Spot first, on-demand capacity where there is none."""

    def __init__(
        self, scope: Construct, around: Surroundings, network: Network, secrets: Secrets
    ) -> None:
        stage = around.stage
        super().__init__(
            scope, f"{stage.prefix}-jobs", description="Cody Batch: where its jobs run"
        )
        self._around = around
        self._network = network
        self._secrets = secrets
        self.log_group = log_group(self, "Log", stage, stage.job_log_group)
        spot, on_demand = self._capacity("Spot", spot=True), self._capacity("OnDemand", spot=False)
        self.queues = [
            self._queue("SpotQueue", stage.queue("spot"), spot, on_demand),
            self._queue("OnDemandQueue", stage.queue("on-demand"), on_demand),
        ]
        self._definition(image(self, "worker"))
        CfnOutput(
            self,
            "JobQueue",
            value=stage.queue(around.options.capacity),
            description="CODYBATCH_JOB_QUEUE",
        )
        CfnOutput(
            self,
            "JobDefinition",
            value=stage.job_definition,
            description="CODYBATCH_JOB_DEFINITION",
        )
        CfnOutput(
            self, "LogGroup", value=self.log_group.log_group_name, description="CODYBATCH_LOG_GROUP"
        )

    def _capacity(self, name: str, *, spot: bool) -> aws_batch.FargateComputeEnvironment:
        return aws_batch.FargateComputeEnvironment(
            self,
            name,
            vpc=self._network.vpc,
            vpc_subnets=self._network.tasks,
            security_groups=[self._network.jobs],
            spot=spot,
            maxv_cpus=self._around.stage.most_vcpus,
        )

    def _queue(
        self, name: str, queue_name: str, *capacity: aws_batch.FargateComputeEnvironment
    ) -> aws_batch.JobQueue:
        reasons = aws_batch.JobStateTimeLimitActionsReason
        return aws_batch.JobQueue(
            self,
            name,
            job_queue_name=queue_name,
            priority=1,
            compute_environments=[
                aws_batch.OrderedComputeEnvironment(compute_environment=each, order=order)
                for order, each in enumerate(capacity, start=1)
            ],
            job_state_time_limit_actions=[
                aws_batch.JobStateTimeLimitAction(
                    reason=reason,
                    max_time=STUCK,
                    state=aws_batch.JobStateTimeLimitActionsState.RUNNABLE,
                    action=aws_batch.JobStateTimeLimitActionsAction.CANCEL,
                )
                for reason in (
                    reasons.INSUFFICIENT_INSTANCE_CAPACITY,
                    reasons.COMPUTE_ENVIRONMENT_MAX_RESOURCE,
                    reasons.JOB_RESOURCE_REQUIREMENT,
                )
            ],
        )

    def _definition(self, worker: assets.DockerImageAsset) -> None:
        definition = aws_batch.CfnJobDefinition
        definition(
            self,
            "Worker",
            type="container",
            job_definition_name=self._around.stage.job_definition,
            platform_capabilities=["FARGATE"],
            propagate_tags=True,
            # The high-level construct knows no stopTimeout: hence this form, and whoever submits
            # overrides by ecsPropertiesOverride.
            ecs_properties=definition.EcsPropertiesProperty(task_properties=[self._task(worker)]),
            retry_strategy=definition.RetryStrategyProperty(
                attempts=ATTEMPTS,
                evaluate_on_exit=[_evaluate(rule) for rule in RETRY_RULES],
            ),
            timeout=definition.TimeoutProperty(attempt_duration_seconds=MOST_HOURS * 3600),
            # Jobs that wait under the old revision still run after a deployment.
            resource_retention_policy=definition.ResourceRetentionPolicyProperty(
                skip_deregister_on_update=True
            ),
        )

    def _task(
        self, worker: assets.DockerImageAsset
    ) -> aws_batch.CfnJobDefinition.EcsTaskPropertiesProperty:
        definition = aws_batch.CfnJobDefinition
        return definition.EcsTaskPropertiesProperty(
            containers=[self._container(worker)],
            execution_role_arn=self._execution_role(worker).role_arn,
            task_role_arn=self._task_role().role_arn,
            ephemeral_storage=definition.EphemeralStorageProperty(size_in_gib=SCRATCH_GIB),
            network_configuration=definition.NetworkConfigurationProperty(
                assign_public_ip="ENABLED"
            ),
            platform_version="1.4.0",
            runtime_platform=definition.RuntimePlatformProperty(
                cpu_architecture="X86_64", operating_system_family="LINUX"
            ),
            volumes=[definition.VolumesProperty(name="scratch")],
        )

    def _container(
        self, worker: assets.DockerImageAsset
    ) -> aws_batch.CfnJobDefinition.TaskContainerPropertiesProperty:
        definition = aws_batch.CfnJobDefinition
        needs = {"VCPU": VCPUS, "MEMORY": MEMORY_MIB}
        return definition.TaskContainerPropertiesProperty(
            name=CONTAINER,
            image=worker.image_uri,
            essential=True,
            readonly_root_filesystem=True,
            user="10001:10001",
            stop_timeout=STOP_SECONDS,
            linux_parameters=definition.LinuxParametersProperty(init_process_enabled=True),
            mount_points=[
                definition.MountPointProperty(source_volume="scratch", container_path=SCRATCH)
            ],
            resource_requirements=[
                definition.ResourceRequirementProperty(type=kind, value=str(amount))
                for kind, amount in needs.items()
            ],
            environment=[
                definition.EnvironmentProperty(name=name, value=value)
                for name, value in self._around.task(self.region).items()
            ],
            secrets=[
                definition.SecretProperty(
                    name=name, value_from=f"{self._secrets.credentials.secret_arn}:{name}::"
                )
                for name in CREDENTIALS
            ],
            log_configuration=definition.LogConfigurationProperty(
                log_driver="awslogs",
                options={
                    "awslogs-group": self.log_group.log_group_name,
                    "awslogs-region": self.region,
                    "awslogs-stream-prefix": "job",
                },
            ),
        )

    def _execution_role(self, worker: assets.DockerImageAsset) -> aws_iam.Role:
        """Starts the container: takes the image, opens the log, reads the secrets."""
        role = aws_iam.Role(
            self, "Execution", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        )
        worker.repository.grant_pull(role)
        self.log_group.grant_write(role)
        self._secrets.credentials.grant_read(role)
        return role

    def _task_role(self) -> aws_iam.Role:
        """What a job itself may do: its records and blobs, and nothing of Batch."""
        role = aws_iam.Role(
            self, "Job", assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        )
        access.use_data(role, self._around.data)
        return role


def _evaluate(rule: EvaluateOnExitTypeDef) -> aws_batch.CfnJobDefinition.EvaluateOnExitProperty:
    return aws_batch.CfnJobDefinition.EvaluateOnExitProperty(
        action=rule["action"],
        on_exit_code=rule.get("onExitCode"),
        on_reason=rule.get("onReason"),
        on_status_reason=rule.get("onStatusReason"),
    )
