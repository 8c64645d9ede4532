"""The settings of where records live and what runs jobs: on this machine, or in AWS.

AWS's own variables keep their names and are read by boto3 itself, but for ``AWS_REGION``, which it
does not read (``codybatch/aws/region.py``); here stands which of them our
processes are given, and which hold a secret.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, PrivateAttr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

NO_AWS: Mapping[str, str] = {"store": "embedded", "engine": "local"}
"""Overrides by which whatever the environment says of AWS is not used."""

_SECRETS = """
    AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN
"""
AWS_SECRETS = frozenset(_SECRETS.split())
"""Variables whose values are taken out of whatever is shown."""
_CREDENTIALS = """
    AWS_ACCESS_KEY_ID AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID AWS_PROFILE AWS_DEFAULT_PROFILE
    AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_ROLE_ARN AWS_ROLE_SESSION_NAME
    AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
    AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
    AWS_EC2_METADATA_DISABLED AWS_EC2_METADATA_SERVICE_ENDPOINT
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE AWS_EC2_METADATA_V1_DISABLED
    AWS_METADATA_SERVICE_TIMEOUT AWS_METADATA_SERVICE_NUM_ATTEMPTS
"""
_WHERE = """
    AWS_REGION AWS_DEFAULT_REGION AWS_CA_BUNDLE AWS_USE_DUALSTACK_ENDPOINT AWS_USE_FIPS_ENDPOINT
    AWS_STS_REGIONAL_ENDPOINTS AWS_ACCOUNT_ID_ENDPOINT_MODE AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
    AWS_ENDPOINT_URL AWS_ENDPOINT_URL_BATCH AWS_ENDPOINT_URL_DYNAMODB AWS_ENDPOINT_URL_S3
    AWS_ENDPOINT_URL_STS
"""
AWS_VARIABLES = AWS_SECRETS | frozenset(f"{_CREDENTIALS} {_WHERE}".split())
"""What a process of ours that asks AWS is given of its parent's environment (docs.aws.amazon.com,
"AWS SDKs and Tools Reference Guide", settings reference). Everything else that begins with ``AWS_``
is of no use to it, such as keys of services that we never ask."""

_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?/?")
_BATCH_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}"
_QUEUE = re.compile(rf"{_BATCH_NAME}|arn:aws[a-z-]*:batch:[^:]+:\d+:job-queue/{_BATCH_NAME}")
_DEFINITION = re.compile(
    rf"({_BATCH_NAME}|arn:aws[a-z-]*:batch:[^:]+:\d+:job-definition/{_BATCH_NAME})(:\d+)?"
)


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name in AWS_VARIABLES and value}


class AwsSettings(BaseSettings):
    """The store and the engine, and their names in AWS."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    store: Literal["embedded", "aws"] = Field(
        default="embedded",
        validation_alias="CODYBATCH_STORE",
        description="Where records live: embedded (files under CODYBATCH_HOME) or aws (DynamoDB "
        "and S3).",
    )
    engine: Literal["local", "aws-batch"] = Field(
        default="local",
        validation_alias="CODYBATCH_ENGINE",
        description="What runs jobs: local (processes of this machine) or aws-batch, which needs "
        "CODYBATCH_STORE=aws.",
    )
    table: str = Field(
        default="",
        validation_alias="CODYBATCH_TABLE",
        description="Name of the DynamoDB table; needed by CODYBATCH_STORE=aws.",
    )
    bucket: str = Field(
        default="",
        validation_alias="CODYBATCH_BUCKET",
        description="Name of the S3 bucket; needed by CODYBATCH_STORE=aws.",
    )
    job_queue: str = Field(
        default="",
        validation_alias="CODYBATCH_JOB_QUEUE",
        description="Name or ARN of the job queue; needed by CODYBATCH_ENGINE=aws-batch.",
    )
    job_definition: str = Field(
        default="",
        validation_alias="CODYBATCH_JOB_DEFINITION",
        description="Name, name:revision or ARN of the job definition; needed by "
        "CODYBATCH_ENGINE=aws-batch.",
    )
    log_group: str = Field(
        default="/aws/batch/job",
        validation_alias="CODYBATCH_LOG_GROUP",
        description="Log group of the workers in CloudWatch, which jobs link to.",
    )
    site_bucket: str = Field(
        default="",
        validation_alias="CODYBATCH_SITE_BUCKET",
        description="Name of the S3 bucket of the report site; needed to publish a report from "
        "CODYBATCH_STORE=aws.",
    )
    site_url: str = Field(
        default="",
        validation_alias="CODYBATCH_SITE_URL",
        description="Where browsers find the report site.",
    )
    _aws: Mapping[str, str] = PrivateAttr(default_factory=_environment)

    @field_validator("table")
    @classmethod
    def _check_table(cls, value: str) -> str:
        return _named(value, _TABLE, "a table's name has 3 to 255 letters, digits, _, . or -")

    @field_validator("bucket", "site_bucket")
    @classmethod
    def _check_bucket(cls, value: str) -> str:
        said = "a bucket's name has 3 to 63 small letters, digits, . or - and no s3:// before it"
        return _named(value, _BUCKET, said)

    @field_validator("site_url")
    @classmethod
    def _check_site(cls, value: str) -> str:
        return _named(value, _HTTPS, "the report site is at https://HOST/")

    @field_validator("job_queue")
    @classmethod
    def _check_queue(cls, value: str) -> str:
        return _named(value, _QUEUE, "a queue's name has letters, digits, _ or -, or it is an ARN")

    @field_validator("job_definition")
    @classmethod
    def _check_definition(cls, value: str) -> str:
        said = "a definition is named by letters, digits, _ or -, then :revision; or it is an ARN"
        return _named(value, _DEFINITION, said)

    @model_validator(mode="after")
    def _check_what_aws_needs(self) -> Self:
        if self.engine == "aws-batch" and self.store != "aws":
            raise ValueError(
                "CODYBATCH_ENGINE=aws-batch needs CODYBATCH_STORE=aws: a container of AWS Batch "
                "cannot reach the files of this machine. Set that too, or CODYBATCH_ENGINE=local"
            )
        missing = [
            name
            for name, value, wanted in (
                ("CODYBATCH_TABLE", self.table, self.store == "aws"),
                ("CODYBATCH_BUCKET", self.bucket, self.store == "aws"),
                ("CODYBATCH_JOB_QUEUE", self.job_queue, self.runs_on_batch),
                ("CODYBATCH_JOB_DEFINITION", self.job_definition, self.runs_on_batch),
            )
            if wanted and not value
        ]
        if missing:
            asks = "CODYBATCH_ENGINE=aws-batch" if self.runs_on_batch else "CODYBATCH_STORE=aws"
            raise ValueError(
                f"{asks} needs {', '.join(missing)}: set what the outputs of your deployment say"
            )
        return self

    @property
    def uses_aws(self) -> bool:
        """Whether records live in AWS, and so whether processes need its credentials."""
        return self.store == "aws"

    @property
    def runs_on_batch(self) -> bool:
        """Whether AWS Batch runs the jobs."""
        return self.engine == "aws-batch"

    def aws_environment(self) -> Mapping[str, str]:
        """What asks AWS reads of this process's environment; nothing where AWS is not used."""
        return self._aws if self.uses_aws else {}

    def aws_secrets(self) -> tuple[str, ...]:
        """The secret values among AWS's variables, used or not."""
        return tuple(value for name, value in self._aws.items() if name in AWS_SECRETS)


def _named(value: str, pattern: re.Pattern[str], said: str) -> str:
    """A name in AWS, or nothing.

    Raises:
        ValueError: it cannot be one.
    """
    name = value.strip()
    if name and not pattern.fullmatch(name):
        raise ValueError(said)
    return name
