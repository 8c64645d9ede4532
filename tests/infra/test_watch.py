"""Alarms, dashboard, budget and logs: what is wrong is told, and what is told is explained."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.infra_kit import ROOT, Deployment, Resource, listed, text

RUNBOOK = ROOT / "docs/runbook.md"
ALARM = "AWS::CloudWatch::Alarm"
WATCHED = {
    "Api5xx",
    "ApiFails",
    "DeadLetters",
    "EventsFail",
    "JobsFail",
    "QueueBlocked",
    "TableThrottles",
    "TickFails",
    "TickStopped",
    "Workbench5xx",
    "WorkbenchDown",
}


def name_of(alarm: Resource) -> str:
    return str(alarm.properties["AlarmName"]).rpartition("-")[2]


def alarm(deployment: Deployment, name: str) -> dict[str, Any]:
    (found,) = (one for one in deployment.of_kind(ALARM) if name_of(one) == name)
    return found.properties


def test_all_that_can_go_wrong_is_watched(deployment: Deployment) -> None:
    assert {name_of(one) for one in deployment.of_kind(ALARM)} == WATCHED


def test_every_alarm_is_told_when_it_begins_and_when_it_ends(deployment: Deployment) -> None:
    topic = deployment.only("AWS::SNS::Topic").name

    for one in deployment.of_kind(ALARM):
        assert one.properties["AlarmActions"] == [{"Ref": topic}], one.name
        assert one.properties["OKActions"] == [{"Ref": topic}], one.name
    mail = deployment.only("AWS::SNS::Subscription").properties
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", "ops@example.com")


def test_every_alarm_has_its_page_in_the_runbook_and_none_is_left_over(
    deployment: Deployment,
) -> None:
    sections = set(re.findall(r"^### (\w+)$", RUNBOOK.read_text(), re.MULTILINE))

    assert sections == WATCHED | {"Budget"}
    for one in deployment.of_kind(ALARM):
        assert f"docs/runbook.md, {name_of(one)}." in one.properties["AlarmDescription"]


def test_silence_of_the_tick_is_an_alarm_and_not_a_missing_number(deployment: Deployment) -> None:
    stopped = alarm(deployment, "TickStopped")

    assert stopped["TreatMissingData"] == "breaching"
    assert stopped["ComparisonOperator"] == "LessThanThreshold"
    assert stopped["MetricName"] == "Invocations"
    tick = deployment.outputs()["TickFunction"]["Value"]["Ref"]
    assert tick in text(stopped["Dimensions"])


def test_failed_jobs_are_counted_by_the_rule_that_hears_of_them(deployment: Deployment) -> None:
    counted = alarm(deployment, "JobsFail")

    assert (counted["Namespace"], counted["MetricName"]) == ("AWS/Events", "TriggeredRules")
    rule = deployment.only("AWS::Events::Rule", "api", "JobFailed")
    assert rule.properties["EventPattern"]["detail"]["status"] == ["FAILED"]
    assert rule.name in text(counted["Dimensions"])


def test_a_blocked_queue_is_told_by_batch_itself(deployment: Deployment) -> None:
    rule = deployment.only("AWS::Events::Rule", "watch").properties

    assert rule["EventPattern"]["detail-type"] == ["Batch Job Queue Blocked"]
    assert f"codybatch-{deployment.stage}-spot" in text(rule["EventPattern"]["detail"]["jobQueue"])
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Ref": deployment.only("AWS::SNS::Topic").name}


def test_throttling_counts_reads_and_writes(deployment: Deployment) -> None:
    metrics = alarm(deployment, "TableThrottles")["Metrics"]

    names = {each["MetricStat"]["Metric"]["MetricName"] for each in metrics if "MetricStat" in each}
    assert names == {"ReadThrottleEvents", "WriteThrottleEvents"}


def test_the_dashboard_shows_each_metric_that_has_an_alarm(deployment: Deployment) -> None:
    body = deployment.only("AWS::CloudWatch::Dashboard").properties["DashboardBody"]
    written = "".join(part for part in body["Fn::Join"][1] if isinstance(part, str))

    assert set(re.findall(r'"title":"(\w+)"', written)) == WATCHED | {"Alarms"}


def test_the_budget_warns_before_it_is_spent(deployment: Deployment) -> None:
    budget = deployment.only("AWS::Budgets::Budget").properties
    warnings = {
        (each["Notification"]["NotificationType"], each["Notification"]["Threshold"])
        for each in budget["NotificationsWithSubscribers"]
    }

    assert budget["Budget"]["BudgetLimit"] == {"Amount": 100, "Unit": "USD"}
    assert warnings == {("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}


def test_the_topic_takes_messages_over_tls_of_this_account_alone(deployment: Deployment) -> None:
    statements = deployment.only("AWS::SNS::TopicPolicy").properties["PolicyDocument"]["Statement"]

    refused = [each for each in statements if each["Effect"] == "Deny"]
    assert [each["Condition"] for each in refused] == [{"Bool": {"aws:SecureTransport": "false"}}]
    allowed = {
        service: each.get("Condition")
        for each in statements
        if each["Effect"] == "Allow"
        for service in listed(each["Principal"]["Service"])
    }
    ours = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert allowed["cloudwatch.amazonaws.com"] == ours
    assert allowed["budgets.amazonaws.com"] == ours
    assert "events.amazonaws.com" in allowed


def test_every_log_ends_some_day(deployment: Deployment) -> None:
    groups = deployment.of_kind("AWS::Logs::LogGroup")

    assert len(groups) == 8
    days = {"dev": 14, "prod": 90}[deployment.stage]
    assert {one.properties["RetentionInDays"] for one in groups} == {days}


def test_every_function_and_task_writes_to_a_log_of_ours(deployment: Deployment) -> None:
    for function in deployment.of_kind("AWS::Lambda::Function"):
        if not function.name.startswith("CustomS3AutoDeleteObjects"):
            group = function.properties["LoggingConfig"]["LogGroup"]["Ref"]
            assert group in deployment.templates[function.stack]["Resources"], function.name
    definition = deployment.only("AWS::ECS::TaskDefinition").properties
    (page,) = definition["ContainerDefinitions"]
    assert page["LogConfiguration"]["LogDriver"] == "awslogs"
    batch = deployment.only("AWS::Batch::JobDefinition").properties
    assert "awslogs" in json.dumps(batch["EcsProperties"])
