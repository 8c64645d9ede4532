"""The HTTP API, the tick of every minute, and whoever hears what Batch says: three functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import (
    CfnOutput,
    Duration,
    Stack,
    aws_apigatewayv2,
    aws_events,
    aws_events_targets,
    aws_iam,
    aws_lambda,
    aws_lambda_destinations,
    aws_secretsmanager,
    aws_sqs,
)
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra import access
from infra.environment import Surroundings
from infra.images import image
from infra.lifetimes import log_group
from infra.secrets import Secrets

HTTP, TICK, BATCH_EVENT = (
    "codybatch.api.handlers.http",
    "codybatch.api.cloud_events.tick",
    "codybatch.api.cloud_events.batch_event",
)
"""The handlers, as the image starts them."""
API_SECONDS = 29
"""An HTTP API waits 30 seconds and no longer."""
TICK_SECONDS = 58
EVENT_RETRIES = 8
EVENT_AGE = Duration.hours(6)
STATES = ("RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED")
"""Of a Batch job, beside FAILED, which is counted by a rule of its own."""
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",
    "path": "$context.path",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "milliseconds": "$context.responseLatency",
    "error": "$context.integrationErrorMessage",
}


@dataclass(frozen=True)
class Size:
    """How large a function is and how long it may take."""

    memory_mib: int
    seconds: int


HTTP_SIZE = Size(1024, API_SECONDS)
TICK_SIZE = Size(1024, TICK_SECONDS)
BATCH_EVENT_SIZE = Size(512, 60)


class Api(Stack):
    """What callers reach, and what looks after jobs while nobody calls."""

    def __init__(self, scope: Construct, around: Surroundings, secrets: Secrets) -> None:
        stage = around.stage
        super().__init__(
            scope, f"{stage.prefix}-api", description="Cody Batch: HTTP API, tick and Batch events"
        )
        self._around = around
        self._image = image(self, "api")
        self.roles: dict[str, aws_iam.Role] = {}
        credentials, tokens = secrets.credentials, secrets.api_tokens
        self.http = self._function("Http", HTTP, HTTP_SIZE, [credentials, tokens])
        # Its thorough look at health asks how the table is set up.
        access.look_data_over(self.roles["Http"], around.data)
        alone = 1 if around.options.reserves_tick else None
        self.tick = self._function("Tick", TICK, TICK_SIZE, [credentials], reserved=alone)
        self.dead_letters = aws_sqs.Queue(
            self,
            "DeadLetters",
            enforce_ssl=True,
            encryption=aws_sqs.QueueEncryption.SQS_MANAGED,
            retention_period=Duration.days(14),
        )
        self.batch_event = self._function("BatchEvent", BATCH_EVENT, BATCH_EVENT_SIZE, [])
        self._every_minute()
        self.failed_jobs = self._on_batch_events()
        self.gateway = self._gateway()
        CfnOutput(self, "ApiUrl", value=self.gateway.api_endpoint)
        CfnOutput(self, "HttpFunction", value=self.http.function_name)
        CfnOutput(self, "TickFunction", value=self.tick.function_name)

    def _function(
        self,
        name: str,
        handler: str,
        size: Size,
        secrets: Sequence[aws_secretsmanager.Secret],
        reserved: int | None = None,
    ) -> aws_lambda.DockerImageFunction:
        role = aws_iam.Role(
            self, f"{name}Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com")
        )
        self.roles[name] = role
        logs = log_group(self, f"{name}Log", self._around.stage)
        logs.grant_write(role)
        access.use_data(role, self._around.data)
        if handler == HTTP:  # which tells of its health
            access.look_data_over(role, self._around.data)
        access.run_jobs(role, self, self._around.stage)
        for secret in secrets:
            secret.grant_read(role)
        return aws_lambda.DockerImageFunction(
            self,
            name,
            code=aws_lambda.DockerImageCode.from_ecr(
                self._image.repository, tag_or_digest=self._image.image_tag, cmd=[handler]
            ),
            role=role,
            memory_size=size.memory_mib,
            timeout=Duration.seconds(size.seconds),
            reserved_concurrent_executions=reserved,
            log_group=logs,
            environment=self._around.function(",".join(each.secret_arn for each in secrets)),
        )

    def _every_minute(self) -> None:
        """One tick at a time; one that failed is not tried again, the next comes soon enough."""
        self.tick.configure_async_invoke(max_event_age=Duration.seconds(60), retry_attempts=0)
        aws_events.Rule(
            self,
            "EveryMinute",
            description="Schedules, waiting jobs, and a sweep over what Batch did not say",
            schedule=aws_events.Schedule.rate(Duration.minutes(1)),
            targets=[
                aws_events_targets.LambdaFunction(
                    self.tick, max_event_age=Duration.seconds(60), retry_attempts=0
                )
            ],
        )

    def _on_batch_events(self) -> aws_events.Rule:
        """Hear of each state of our jobs; the failed ones by a rule of their own, to be counted."""
        self.batch_event.configure_async_invoke(
            max_event_age=EVENT_AGE,
            retry_attempts=2,
            on_failure=aws_lambda_destinations.SqsDestination(self.dead_letters),
        )
        self._batch_rule("JobChanged", "Jobs of this stage change", STATES)
        return self._batch_rule("JobFailed", "Batch jobs of this stage fail", ("FAILED",))

    def _batch_rule(self, name: str, description: str, states: Sequence[str]) -> aws_events.Rule:
        stage = self._around.stage
        queues = [
            self.format_arn(service="batch", resource="job-queue", resource_name=stage.queue(kind))
            for kind in ("spot", "on-demand")
        ]
        return aws_events.Rule(
            self,
            name,
            description=description,
            event_pattern=aws_events.EventPattern(
                source=["aws.batch"],
                detail_type=["Batch Job State Change"],
                detail={"jobQueue": queues, "status": list(states)},
            ),
            targets=[
                aws_events_targets.LambdaFunction(
                    self.batch_event,
                    dead_letter_queue=self.dead_letters,
                    max_event_age=EVENT_AGE,
                    retry_attempts=EVENT_RETRIES,
                )
            ],
        )

    def _gateway(self) -> aws_apigatewayv2.HttpApi:
        stage = self._around.stage
        gateway = aws_apigatewayv2.HttpApi(
            self,
            "Gateway",
            api_name=stage.prefix,
            description="Cody Batch",
            create_default_stage=False,
            default_integration=HttpLambdaIntegration("Http", self.http),
        )
        logs = log_group(self, "AccessLog", stage)
        served = aws_apigatewayv2.HttpStage(
            self,
            "Stage",
            http_api=gateway,
            stage_name="$default",
            auto_deploy=True,
            detailed_metrics_enabled=True,
            throttle=aws_apigatewayv2.ThrottleSettings(
                rate_limit=stage.api_rate, burst_limit=stage.api_burst
            ),
        )
        written = served.node.default_child
        if not isinstance(written, aws_apigatewayv2.CfnStage):
            raise TypeError("The stage of the HTTP API is made otherwise than expected.")
        written.access_log_settings = aws_apigatewayv2.CfnStage.AccessLogSettingsProperty(
            destination_arn=logs.log_group_arn, format=json.dumps(ACCESS_LOG)
        )
        return gateway
