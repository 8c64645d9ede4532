"""The images: one file, a target each. Synthesis only fingerprints them; deploying builds."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import IgnoreMode, aws_ecr_assets
from constructs import Construct

ROOT = Path(__file__).parents[1]
DOCKERFILE = "infra/image/Dockerfile"
TARGETS = ("worker", "workbench", "api")


def image(scope: Construct, target: str) -> aws_ecr_assets.DockerImageAsset:
    """The image of one of `TARGETS`, for 64-bit Intel and AMD whatever it is built on."""
    return aws_ecr_assets.DockerImageAsset(
        scope,
        f"{target.capitalize()}Image",
        asset_name=f"codybatch-{target}",
        directory=str(ROOT),
        file=DOCKERFILE,
        target=target,
        platform=aws_ecr_assets.Platform.LINUX_AMD64,
        ignore_mode=IgnoreMode.DOCKER,
    )
