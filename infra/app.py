"""The application: every stack of one stage. ``python -m infra.app`` writes their templates.

Neither an account nor a container engine is asked. The stage is ``dev`` or ``prod``:
``--context stage=prod``, or ``CODYBATCH_STAGE=prod``; the templates go to ``CDK_OUTDIR`` where that
is set, else to ``cdk.out``. The CDK's command line starts it the same way.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from aws_cdk import App, Tags, Validations

from codybatch.domain.errors import InvalidSetting
from infra.acknowledged import acknowledge
from infra.api import Api
from infra.data import Data
from infra.environment import Surroundings
from infra.jobs import Jobs
from infra.network import Network
from infra.options import Options, read_options
from infra.secrets import Secrets
from infra.site import Site
from infra.stages import Stage, stage_named
from infra.watch import Watch
from infra.workbench import Workbench

FLAGS = {
    "@aws-cdk/core:validateAgainstDefaultRules": True,
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
}
"""Behaviour of the CDK that has to be asked for."""


def new_app(outdir: str | None = None, context: Mapping[str, str] | None = None) -> App:
    """An application without stacks.

    Args:
        outdir: where the templates will go; ``cdk.out`` by default.
        context: what was given on our own command line; the CDK's adds its own.
    """
    return App(
        outdir=outdir, analytics_reporting=False, post_cli_context={**FLAGS, **(context or {})}
    )


def add_stacks(app: App, stage: Stage, options: Options) -> None:
    """Every stack of a stage."""
    data, secrets, network = Data(app, stage), Secrets(app, stage), Network(app, stage)
    around = Surroundings(stage, options, data)
    Jobs(app, around, network, secrets)
    api = Api(app, around, secrets)
    workbench = Workbench(app, around, network, secrets, Site(app, stage, options))
    Watch(app, around, api, workbench)
    acknowledge(app, stage)
    Tags.of(app).add("project", "codybatch")
    Tags.of(app).add("stage", stage.name)


def check(app: App) -> None:
    """Have a rule pack look at every stack when it is synthesised; what it finds fails that."""
    from cdk_nag import AwsSolutionsChecks  # noqa: PLC0415 - it takes seconds, and few ask for it

    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Write the templates of the stage that was asked for; gives back the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.app", description="Write the templates of one stage."
    )
    parser.add_argument("--context", "-c", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--check", action="store_true", help="have a rule pack look at them, too")
    given = parser.parse_args(arguments)
    context = dict(each.partition("=")[::2] for each in given.context)
    app = new_app(environment.get("CDK_OUTDIR"), context)
    try:
        stage = stage_named(_asked(app, "stage") or environment.get("CODYBATCH_STAGE") or "dev")
        add_stacks(app, stage, read_options(lambda name: _asked(app, name), environment))
    except InvalidSetting as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_status
    if given.check:
        check(app)
    app.synth()
    return 0


def _asked(app: App, name: str) -> str:
    """What the context says, whichever command line it came from; empty where it says nothing."""
    return str(app.node.try_get_context(name) or "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
