"""What the rule pack AwsSolutions would have otherwise, and why it stays: by construct and rule.

``python -m infra.app --check`` runs the pack; a finding that is not here fails it, and so does a
line here that no construct answers to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatch

from aws_cdk import Acknowledgment, App, Validations
from constructs import IConstruct

from infra.stages import Stage

_BATCH = "arn:<AWS::Partition>:batch:<AWS::Region>:<AWS::AccountId>"
_LOOKING = ("IAM5[Resource::*]", "Looking at jobs, queues and definitions knows no resource")
_PULLING = ("IAM5[Resource::*]", "ecr:GetAuthorizationToken knows none; one repository is read")
_OBJECTS = (
    "IAM5[Resource::{prefix}-data:ExportsOutputFnGetAttBlobsF0F01DC6Arn220BCD82/*]",
    "Objects of the one bucket, whose keys are made of ids",
)
_REVISIONS = (
    f"IAM5[Resource::{_BATCH}:job-definition/{{prefix}}-worker:*]",
    "Whichever revision of the one job definition is the newest",
)
_ENDING = (f"IAM5[Resource::{_BATCH}:job/*]", "A job's id is not known before it is submitted")
_RUNNING_JOBS = (_OBJECTS, _REVISIONS, _ENDING, _LOOKING)
_ANYWHERE = ("CFR1", "Whoever knows the token comes in from anywhere")
_NO_FIREWALL = ("CFR2", "Nothing is served before a token or a password is given")
_OLD_TLS = ("CFR4", "CloudFront's own name has its own policy; a domain of one's own has TLS 1.2")
_ASSETS = "arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>"
_REPORTS = (
    "IAM5[Resource::{prefix}-site:ExportsOutputFnGetAttReports65402A0AArn549BAC56/reports/*]",
    "Reports are named by their experiments, and are below this folder",
)
_LOGGING = "arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
_COPYING = tuple(
    (rule, "The CDK's own function, which copies the index page when it is deployed")
    for rule in (
        "IAM5[Resource::*]",
        "IAM5[Action::s3:GetBucket*]",
        "IAM5[Action::s3:GetObject*]",
        "IAM5[Action::s3:List*]",
        "IAM5[Action::s3:Abort*]",
        "IAM5[Action::s3:DeleteObject*]",
        "IAM5[Resource::<Reports65402A0A.Arn>/*]",
        f"IAM5[Resource::{_ASSETS}/*]",
    )
)
_COPIER = "site/Custom::CDKBucketDeployment*"

ACKNOWLEDGED: Mapping[str, Sequence[tuple[str, str]]] = {
    "secrets/Credentials": [("SMG4", "Anthropic and GitHub issue these: docs/aws.md says how")],
    "secrets/ApiTokens": [("SMG4", "Digests of tokens that callers hold: two are valid at once")],
    "secrets/AccessToken": [("SMG4", "A new one signs everybody out: a person chooses the time")],
    "jobs/Execution/DefaultPolicy": [_PULLING],
    "jobs/Job/DefaultPolicy": [_OBJECTS],
    "api/HttpRole/DefaultPolicy": _RUNNING_JOBS,
    "api/TickRole/DefaultPolicy": _RUNNING_JOBS,
    "api/BatchEventRole/DefaultPolicy": _RUNNING_JOBS,
    "api/DeadLetters": [("SQS3", "It is the dead-letter queue")],
    "api/Gateway/DefaultRoute": [("APIG4", "The application checks bearer tokens and scopes")],
    "workbench/AccessLogs": [("S1", "It holds the access logs")],
    "workbench/Execution/DefaultPolicy": [_PULLING],
    "workbench/Pages/DefaultPolicy": (*_RUNNING_JOBS, _REPORTS),
    "workbench/Cluster": [("ECS4", "Of one task the numbers that ECS keeps by itself say enough")],
    "workbench/Definition": [("ECS2", "None of these variables is a secret; those are references")],
    "workbench/LoadBalancer": [("ELB2", "Only CloudFront reaches it, which notes each request")],
    "workbench/Front": [_ANYWHERE, _NO_FIREWALL, _OLD_TLS],
    "site/Front": [_ANYWHERE, _NO_FIREWALL, _OLD_TLS],
    f"{_COPIER}/ServiceRole": [
        (f"IAM4[Policy::{_LOGGING}]", "The CDK's own function, which writes its log")
    ],
    f"{_COPIER}/ServiceRole/DefaultPolicy": _COPYING,
    _COPIER: [("L1", "The CDK chooses the runtime of its own function")],
}
"""By construct, below its stack: each rule, and why it does not hold there."""


def acknowledge(app: App, stage: Stage) -> None:
    """Note each reason on its construct.

    Raises:
        LookupError: there is no such construct.
    """
    for place, rules in ACKNOWLEDGED.items():
        noted = (
            Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-{rule.format(prefix=stage.prefix)}", reason=reason
            )
            for rule, reason in rules
        )
        Validations.of(_find(app, f"{stage.prefix}-{place}")).acknowledge(*noted)


def _find(app: App, path: str) -> IConstruct:
    found: IConstruct = app
    for name in path.split("/"):
        fitting = [each for each in found.node.children if fnmatch(each.node.id, name)]
        if len(fitting) != 1:
            raise LookupError(
                f"infra/acknowledged.py names {path}, and {found.node.path or 'the application'} "
                f"has {len(fitting)} of {name}: correct the line, or take it out."
            )
        found = fitting[0]
    return found
