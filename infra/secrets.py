"""The secrets: their places, never their values.

Each begins with the word ``none``, which the settings read as "not set", and is filled after the
first deployment by ``python -m infra.keys``. Nothing here changes when a value does.

CloudFormation writes a secret again, over what was filled in, when its text *here* changes: what a
release adds gets a secret of its own, and a test holds the text of these.
"""

from __future__ import annotations

import json

from aws_cdk import CfnOutput, SecretValue, Stack, aws_secretsmanager
from constructs import Construct

from infra.lifetimes import removal
from infra.stages import Stage

CREDENTIALS = (
    "ANTHROPIC_API_KEY",
    "GITHUB_TOKEN",
    "GITHUB_APP_ID",
    "GITHUB_APP_PRIVATE_KEY",
    "GITHUB_APP_INSTALLATION_ID",
)
"""What jobs need: a token or a GitHub App, and the model's key."""
API = ("CODYBATCH_API_TOKENS",)
WORKBENCH = ("CODYBATCH_ACCESS_TOKEN",)
UNSET = "none"
SECRETS = 3
"""How many there are, each with a price."""


class Secrets(Stack):
    """Three secrets, so that each role reads only what it needs."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(
            scope,
            f"{stage.prefix}-secrets",
            description="Cody Batch: places of keys and tokens",
            termination_protection=stage.keeps_data,
        )
        self._stage = stage
        self.credentials = self._to_be_filled(
            "Credentials", CREDENTIALS, "of the model and of GitHub"
        )
        self.api_tokens = self._to_be_filled("ApiTokens", API, "digests of the HTTP API's tokens")
        # Made here, so that the workbench is never without one.
        self.access_token = aws_secretsmanager.Secret(
            self,
            "AccessToken",
            description="Cody Batch: what one signs in to the workbench with",
            generate_secret_string=aws_secretsmanager.SecretStringGenerator(
                secret_string_template="{}",  # noqa: S106 - it is filled by AWS
                generate_string_key=WORKBENCH[0],
                password_length=40,
                exclude_punctuation=True,
            ),
            removal_policy=removal(stage),
        )
        CfnOutput(self, "CredentialsSecret", value=self.credentials.secret_arn)
        CfnOutput(self, "ApiTokensSecret", value=self.api_tokens.secret_arn)
        CfnOutput(self, "AccessTokenSecret", value=self.access_token.secret_arn)

    def _to_be_filled(
        self, name: str, fields: tuple[str, ...], what: str
    ) -> aws_secretsmanager.Secret:
        empty = json.dumps(dict.fromkeys(fields, UNSET))
        return aws_secretsmanager.Secret(
            self,
            name,
            description=f"Cody Batch: {what}",
            # The word `none` is no secret. CloudFormation writes it when this text changes.
            secret_string_value=SecretValue.unsafe_plain_text(empty),
            removal_policy=removal(self._stage),
        )
