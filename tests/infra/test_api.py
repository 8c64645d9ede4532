"""The HTTP API, the tick and the events: throttled, logged, tried again, and never lost."""

from __future__ import annotations

import importlib
import json

from infra.api import BATCH_EVENT, HTTP, TICK
from tests.infra_kit import Deployment, Resource, text


def function(deployment: Deployment, handler: str) -> Resource:
    (found,) = (
        one
        for one in deployment.of_kind("AWS::Lambda::Function", "api")
        if one.properties["ImageConfig"]["Command"] == [handler]
    )
    return found


def targets(deployment: Deployment, name: str) -> list[dict[str, object]]:
    rule = deployment.only("AWS::Events::Rule", "api", name)
    found = rule.properties["Targets"]
    assert isinstance(found, list)
    return found


def test_callers_are_throttled(deployment: Deployment) -> None:
    stage = deployment.only("AWS::ApiGatewayV2::Stage").properties

    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0


def test_each_call_is_noted_without_what_it_carries(deployment: Deployment) -> None:
    settings = deployment.only("AWS::ApiGatewayV2::Stage").properties["AccessLogSettings"]
    noted = json.loads(settings["Format"])

    assert {"requestId", "status", "path"} <= noted.keys()
    assert "authorization" not in settings["Format"].lower()
    assert settings["DestinationArn"]["Fn::GetAtt"][0].startswith("AccessLog")


def test_every_path_leads_to_the_one_application(deployment: Deployment) -> None:
    route = deployment.only("AWS::ApiGatewayV2::Route").properties

    assert route["RouteKey"] == "$default"
    assert function(deployment, HTTP).properties["Timeout"] < 30


def test_one_tick_at_a_time_every_minute(deployment: Deployment) -> None:
    tick = function(deployment, TICK)
    rule = deployment.only("AWS::Events::Rule", "api", "EveryMinute").properties

    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert tick.properties["ReservedConcurrentExecutions"] == 1
    assert tick.properties["Timeout"] < 60
    (target,) = rule["Targets"]
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0


def test_what_batch_says_is_heard_of_all_states_and_of_our_queues_alone(
    deployment: Deployment,
) -> None:
    heard = set[str]()
    for name in ("JobChanged", "JobFailed"):
        pattern = deployment.only("AWS::Events::Rule", "api", name).properties["EventPattern"]
        assert pattern["source"] == ["aws.batch"]
        assert pattern["detail-type"] == ["Batch Job State Change"]
        queues = [text(queue) for queue in pattern["detail"]["jobQueue"]]
        assert all(f"job-queue/codybatch-{deployment.stage}-" in queue for queue in queues)
        heard |= set(pattern["detail"]["status"])

    assert heard == {"RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"}


def test_an_event_is_tried_again_and_at_last_kept_for_a_person(deployment: Deployment) -> None:
    queue = deployment.only("AWS::SQS::Queue", "api")
    for name in ("JobChanged", "JobFailed"):
        (target,) = targets(deployment, name)
        assert target["RetryPolicy"] == {
            "MaximumEventAgeInSeconds": 21_600,
            "MaximumRetryAttempts": 8,
        }
        assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [queue.name, "Arn"]}}
    handles = function(deployment, BATCH_EVENT).name
    (asked,) = (
        one.properties
        for one in deployment.of_kind("AWS::Lambda::EventInvokeConfig", "api")
        if one.properties["FunctionName"] == {"Ref": handles}
    )
    assert asked["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": [queue.name, "Arn"]
    }
    assert queue.properties["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue.properties["SqsManagedSseEnabled"] is True


def test_functions_are_images_and_their_handlers_can_be_called(deployment: Deployment) -> None:
    functions = deployment.of_kind("AWS::Lambda::Function", "api")

    assert len(functions) == 3
    for one in functions:
        assert one.properties["PackageType"] == "Image"
        (handler,) = one.properties["ImageConfig"]["Command"]
        module, _, name = handler.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name))
