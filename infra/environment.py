"""The environment of each container: the product's own settings, by their own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.data import Data
from infra.options import Options
from infra.stages import Stage

SCRATCH = "/scratch"
"""The one folder that a task may write to; the images make it, and the rest is read only."""


@dataclass(frozen=True)
class Surroundings:
    """What every container of a stage is told, whichever stack it stands in."""

    stage: Stage
    options: Options
    data: Data

    def shared(self) -> dict[str, str]:
        """Where records, blobs and jobs are, and the settings that whoever deploys passed on."""
        return {
            "CODYBATCH_STORE": "aws",
            "CODYBATCH_ENGINE": "aws-batch",
            "CODYBATCH_TABLE": self.data.table.table_name,
            "CODYBATCH_BUCKET": self.data.blobs.bucket_name,
            "CODYBATCH_JOB_QUEUE": self.stage.queue(self.options.capacity),
            "CODYBATCH_JOB_DEFINITION": self.stage.job_definition,
            "CODYBATCH_LOG_GROUP": self.stage.job_log_group,
            **self.options.settings,
        }

    def task(self, region: str, further: Mapping[str, str] | None = None) -> dict[str, str]:
        """The same for a container of ECS or Batch, which writes into its scratch volume alone."""
        return {
            **self.shared(),
            "AWS_REGION": region,
            "CODYBATCH_HOME": f"{SCRATCH}/codybatch",
            "HOME": SCRATCH,
            "TMPDIR": SCRATCH,
            **(further or {}),
        }

    def function(self, secrets: str) -> dict[str, str]:
        """The same for a function, which is told where its secrets are and reads them itself.

        Args:
            secrets: their ARNs, separated by commas; empty for none.
        """
        return {
            **self.shared(),
            "CODYBATCH_HOME": "/tmp/codybatch",  # noqa: S108 - all that a function may write to
            "HOME": "/tmp",  # noqa: S108
            "SECRETS_TO_READ": secrets,
        }
