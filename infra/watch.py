"""Who is told when something is wrong: alarms, a dashboard, a budget; docs/runbook.md answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import (
    CfnOutput,
    Duration,
    Stack,
    aws_budgets,
    aws_cloudwatch,
    aws_cloudwatch_actions,
    aws_elasticloadbalancingv2,
    aws_events,
    aws_events_targets,
    aws_iam,
    aws_sns,
    aws_sns_subscriptions,
)
from constructs import Construct

if TYPE_CHECKING:
    from infra.api import Api
    from infra.environment import Surroundings
    from infra.workbench import Workbench

METRIC = aws_cloudwatch.Metric
OVER = aws_cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
UNDER = aws_cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
QUIET = aws_cloudwatch.TreatMissingData.NOT_BREACHING
FIVE_MINUTES = Duration.minutes(5)
BUDGET_SHARES = ((80, "ACTUAL"), (100, "ACTUAL"), (100, "FORECASTED"))
"""At which percentage of the budget somebody is told, and of what."""


@dataclass(frozen=True)
class Watched:
    """One thing that can go wrong.

    Args:
        name: as the runbook has it.
        meaning: what it says.
        metric: what is looked at.
        threshold: from which value on; below it where `below`.
        periods: how many of the metric's periods in a row.
        missing: what it means that nothing was measured.
        below: whether too little is what is wrong.
    """

    name: str
    meaning: str
    metric: aws_cloudwatch.IMetric
    threshold: float = 1
    periods: int = 1
    missing: aws_cloudwatch.TreatMissingData = QUIET
    below: bool = False


class Watch(Stack):
    """One topic that everything is told to."""

    def __init__(
        self, scope: Construct, around: Surroundings, api: Api, workbench: Workbench
    ) -> None:
        stage = around.stage
        super().__init__(
            scope, f"{stage.prefix}-watch", description="Cody Batch: alarms, dashboard and budget"
        )
        self._around = around
        self._api = api
        self._workbench = workbench
        self.topic = aws_sns.Topic(
            self, "Alarms", display_name=f"Cody Batch {stage.name}", enforce_ssl=True
        )
        if around.options.alarm_email:
            self.topic.add_subscription(
                aws_sns_subscriptions.EmailSubscription(around.options.alarm_email)
            )
        self._let_publish("cloudwatch.amazonaws.com")
        self._let_publish("budgets.amazonaws.com")
        self._blocked = self._queue_blocked()
        watched = [*self._jobs(), *self._functions(), *self._table(), *self._pages()]
        alarms = [self._alarm(each) for each in watched]
        self._dashboard(alarms, watched)
        self._budget()
        CfnOutput(self, "AlarmTopic", value=self.topic.topic_arn)

    def _let_publish(self, service: str) -> None:
        """A topic with a policy of its own has lost the one by which this account's alarms come."""
        self.topic.add_to_resource_policy(
            aws_iam.PolicyStatement(
                actions=["sns:Publish"],
                principals=[aws_iam.ServicePrincipal(service)],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )

    def _queue_blocked(self) -> aws_events.Rule:
        """Batch says by itself when the job at the head of a queue cannot start."""
        stage = self._around.stage
        queues = [
            self.format_arn(service="batch", resource="job-queue", resource_name=stage.queue(kind))
            for kind in ("spot", "on-demand")
        ]
        return aws_events.Rule(
            self,
            "BlockedQueues",
            description="The head of a job queue cannot start",
            event_pattern=aws_events.EventPattern(
                source=["aws.batch"],
                detail_type=["Batch Job Queue Blocked"],
                detail={"jobQueue": queues},
            ),
            targets=[aws_events_targets.SnsTopic(self.topic)],
        )

    def _jobs(self) -> list[Watched]:
        dead = self._api.dead_letters.metric_approximate_number_of_messages_visible
        return [
            Watched(
                "JobsFail",
                "Batch jobs fail: a worker could not start, or ended with an error",
                _rule_metric(self._api.failed_jobs),
                threshold=3,
            ),
            Watched(
                "QueueBlocked",
                "The job at the head of a queue cannot start",
                _rule_metric(self._blocked),
            ),
            Watched(
                "DeadLetters",
                "Events of Batch could not be taken up",
                dead(period=FIVE_MINUTES, statistic="Maximum"),
            ),
        ]

    def _functions(self) -> list[Watched]:
        api = self._api
        return [
            Watched(
                "TickStopped",
                "Nobody looks after schedules and waiting jobs",
                api.tick.metric_invocations(period=FIVE_MINUTES),
                missing=aws_cloudwatch.TreatMissingData.BREACHING,
                below=True,
            ),
            Watched(
                "TickFails",
                "Three of five minutes' looks at schedules and waiting jobs failed",
                api.tick.metric_errors(period=FIVE_MINUTES),
                threshold=3,
            ),
            Watched(
                "EventsFail",
                "The function that hears of Batch's events fails",
                api.batch_event.metric_errors(period=FIVE_MINUTES),
                threshold=3,
            ),
            Watched(
                "ApiFails",
                "The HTTP API's function fails",
                api.http.metric_errors(period=FIVE_MINUTES),
                threshold=3,
            ),
            Watched(
                "Api5xx",
                "The HTTP API answers with server errors",
                api.gateway.metric_server_error(period=FIVE_MINUTES),
                threshold=5,
            ),
        ]

    def _table(self) -> list[Watched]:
        table = self._around.data.table.table_name
        metrics = {
            name[0].lower() + name[1:]: METRIC(
                namespace="AWS/DynamoDB",
                metric_name=name,
                dimensions_map={"TableName": table},
                statistic="Sum",
                period=FIVE_MINUTES,
            )
            for name in ("ReadThrottleEvents", "WriteThrottleEvents")
        }
        return [
            Watched(
                "TableThrottles",
                "The table refuses reads or writes for a while",
                aws_cloudwatch.MathExpression(
                    expression=" + ".join(f"FILL({name}, 0)" for name in metrics),
                    using_metrics=metrics,
                    label="Throttled requests",
                    period=FIVE_MINUTES,
                ),
                threshold=10,
                periods=2,
            )
        ]

    def _pages(self) -> list[Watched]:
        target = self._workbench.targets
        codes = aws_elasticloadbalancingv2.HttpCodeTarget.TARGET_5XX_COUNT
        return [
            Watched(
                "WorkbenchDown",
                "The workbench answers its health check no more",
                target.metrics.healthy_host_count(period=Duration.minutes(1), statistic="Maximum"),
                periods=5,
                missing=aws_cloudwatch.TreatMissingData.BREACHING,
                below=True,
            ),
            Watched(
                "Workbench5xx",
                "The workbench answers with server errors",
                target.metrics.http_code_target(codes, period=FIVE_MINUTES),
                threshold=5,
            ),
        ]

    def _alarm(self, watched: Watched) -> aws_cloudwatch.Alarm:
        alarm = aws_cloudwatch.Alarm(
            self,
            watched.name,
            alarm_name=f"{self._around.stage.prefix}-{watched.name}",
            alarm_description=f"{watched.meaning}. See docs/runbook.md, {watched.name}.",
            metric=watched.metric,
            threshold=watched.threshold,
            evaluation_periods=watched.periods,
            comparison_operator=UNDER if watched.below else OVER,
            treat_missing_data=watched.missing,
        )
        told = aws_cloudwatch_actions.SnsAction(self.topic)
        alarm.add_alarm_action(told)
        alarm.add_ok_action(told)
        return alarm

    def _dashboard(self, alarms: list[aws_cloudwatch.Alarm], watched: list[Watched]) -> None:
        dashboard = aws_cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=self._around.stage.prefix
        )
        dashboard.add_widgets(
            aws_cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=24, height=4)
        )
        for first in range(0, len(watched), 3):
            dashboard.add_widgets(
                *(
                    aws_cloudwatch.GraphWidget(title=each.name, left=[each.metric], width=8)
                    for each in watched[first : first + 3]
                )
            )

    def _budget(self) -> None:
        """What the whole account costs, since a budget for a tag needs that tag to be activated."""
        options = self._around.options
        budget = aws_budgets.CfnBudget
        budget(
            self,
            "Budget",
            budget=budget.BudgetDataProperty(
                budget_name=self._around.stage.prefix,
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budget.SpendProperty(amount=options.monthly_budget_usd, unit="USD"),
            ),
            notifications_with_subscribers=[
                budget.NotificationWithSubscribersProperty(
                    notification=budget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type=kind,
                        threshold=share,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[
                        budget.SubscriberProperty(
                            subscription_type="SNS", address=self.topic.topic_arn
                        )
                    ],
                )
                for share, kind in BUDGET_SHARES
            ],
        )


def _rule_metric(rule: aws_events.Rule) -> aws_cloudwatch.IMetric:
    """How often a rule matched: Batch itself publishes no metric of its jobs' states."""
    return METRIC(
        namespace="AWS/Events",
        metric_name="TriggeredRules",
        dimensions_map={"RuleName": rule.rule_name},
        statistic="Sum",
        period=FIVE_MINUTES,
    )
