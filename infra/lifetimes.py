"""How long things last: logs for a while, data as its stage says."""

from __future__ import annotations

from aws_cdk import RemovalPolicy, aws_logs
from constructs import Construct

from infra.stages import Stage

RETENTION = {
    14: aws_logs.RetentionDays.TWO_WEEKS,
    90: aws_logs.RetentionDays.THREE_MONTHS,
}
"""CloudWatch knows some numbers of days only."""


def log_group(
    scope: Construct, name: str, stage: Stage, group_name: str | None = None
) -> aws_logs.LogGroup:
    """A log group that goes with its stack, and whose lines go before that."""
    return aws_logs.LogGroup(
        scope,
        name,
        log_group_name=group_name,
        retention=RETENTION[stage.log_days],
        removal_policy=RemovalPolicy.DESTROY,
    )


def removal(stage: Stage) -> RemovalPolicy:
    """What becomes of data when its stack goes."""
    return RemovalPolicy.RETAIN if stage.keeps_data else RemovalPolicy.DESTROY
