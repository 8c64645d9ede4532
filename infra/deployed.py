"""What is deployed: the outputs of a stage's stacks, and the settings by which one works with it.

``eval "$(python -m infra.deployed dev)"`` lets this machine's command line submit to the cloud.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from codybatch.aws.region import session
from codybatch.domain.errors import CodyBatchError, StoreNotSetUp
from infra.stages import stage_named

STACKS = ("data", "secrets", "jobs", "api", "workbench", "site")
LEFT_OUT = frozenset({"workbench", "site"})
"""What a stage may be deployed without."""
SETTINGS = {
    "CODYBATCH_TABLE": "Table",
    "CODYBATCH_BUCKET": "Bucket",
    "CODYBATCH_JOB_QUEUE": "JobQueue",
    "CODYBATCH_JOB_DEFINITION": "JobDefinition",
    "CODYBATCH_LOG_GROUP": "LogGroup",
}
"""Each setting and the output that holds its value."""
OF_THE_SITE = {"CODYBATCH_SITE_BUCKET": "ReportsBucket", "CODYBATCH_SITE_URL": "SiteUrl"}
"""The same of a stack that a stage may do without."""


def outputs(stage: str) -> dict[str, str]:
    """What the stacks of a stage say about themselves.

    Raises:
        StoreNotSetUp: the stage is not deployed here, or AWS cannot be asked.
    """
    prefix = stage_named(stage).prefix
    found: dict[str, str] = {}
    try:
        formation: Any = session().client("cloudformation")
        for stack in STACKS:
            found |= _said_by(formation, f"{prefix}-{stack}", may_be_missing=stack in LEFT_OUT)
    except (BotoCoreError, ClientError) as error:
        raise StoreNotSetUp(
            f"The stacks of {stage} cannot be looked at: {error}. Check AWS_REGION and "
            f"AWS_PROFILE; `make deploy STAGE={stage}` makes what is missing."
        ) from None
    return found


def _said_by(formation: Any, stack: str, *, may_be_missing: bool) -> dict[str, str]:
    try:
        told = formation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        # CloudFormation has no code of its own for a stack that is not there.
        if may_be_missing and "does not exist" in str(error):
            return {}
        raise
    return {each["OutputKey"]: each["OutputValue"] for each in told.get("Outputs", ())}


def settings_for(found: Mapping[str, str], region: str) -> dict[str, str]:
    """The settings by which a machine of one's own works with what is deployed."""
    return {
        "CODYBATCH_STORE": "aws",
        "CODYBATCH_ENGINE": "aws-batch",
        "AWS_REGION": region,
        **{name: found[output] for name, output in SETTINGS.items()},
        **{name: found[output] for name, output in OF_THE_SITE.items() if output in found},
    }


def main(arguments: list[str]) -> int:
    """Print the settings as a shell reads them, and where the faces are as remarks."""
    stage = arguments[0] if arguments else "dev"
    try:
        found = outputs(stage)
    except CodyBatchError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_status
    region = session().region_name or ""
    for name, value in settings_for(found, region).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    for name in ("WorkbenchUrl", "ApiUrl", "SiteUrl"):
        sys.stdout.write(f"# {name}: {found.get(name, 'not deployed')}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
