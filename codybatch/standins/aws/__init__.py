"""DynamoDB and S3 on loopback: another project's server, in an environment of its own.

What lives here: how that environment is made and how the server is started and ended.
What never does: a rule of ours about tables or buckets.
"""

from codybatch.standins.aws.environment import EnvironmentNotMade, ensure, program
from codybatch.standins.aws.server import AwsStandin, AwsStandinFailed

__all__ = ["AwsStandin", "AwsStandinFailed", "EnvironmentNotMade", "ensure", "program"]
