"""What infrastructure tests look at: a stage's templates, as a deployment has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
SYNTHESIS_SECONDS = 300
"""A machine that does much else at the same time; alone it takes ten."""


class Resource(NamedTuple):
    """One resource of a template."""

    stack: str
    name: str
    kind: str
    properties: dict[str, Any]
    whole: dict[str, Any]


@dataclass(frozen=True)
class Deployment:
    """All stacks of one stage.

    Args:
        stage: its name.
        folder: where its templates were written.
    """

    stage: str
    folder: Path

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """Each stack's template by its name without the stage's."""
        prefix, end = f"codybatch-{self.stage}-", ".template.json"
        return {
            path.name.removeprefix(prefix).removesuffix(end): json.loads(path.read_text())
            for path in sorted(self.folder.glob(f"{prefix}*{end}"))
        }

    def of_kind(self, kind: str, stack: str = "") -> list[Resource]:
        """All resources of a type, such as ``AWS::S3::Bucket``."""
        return [one for one in self.all() if one.kind == kind and stack in {"", one.stack}]

    def only(self, kind: str, stack: str = "", name: str = "") -> Resource:
        """The one of its type, whose logical name begins with ``name``."""
        found = [one for one in self.of_kind(kind, stack) if one.name.startswith(name)]
        assert len(found) == 1, f"{kind}: {[one.name for one in found]}"
        return found[0]

    def all(self) -> Iterator[Resource]:
        """Every resource of every stack."""
        for stack, template in self.templates.items():
            for name, whole in template["Resources"].items():
                yield Resource(stack, name, whole["Type"], whole.get("Properties", {}), whole)

    def outputs(self) -> dict[str, Any]:
        """What each stack tells whoever deployed it."""
        return {
            name: output
            for template in self.templates.values()
            for name, output in template.get("Outputs", {}).items()
            if "Export" not in output
        }

    def statements(self, stack: str, role: str) -> list[dict[str, Any]]:
        """What the policies of a role allow and forbid; the role's name begins with ``role``."""
        template = self.templates[stack]["Resources"]
        of = {name for name, one in template.items() if is_role(one) and name.startswith(role)}
        assert len(of) == 1, of
        return [
            statement
            for one in template.values()
            if one["Type"] == "AWS::IAM::Policy"
            and of & {role["Ref"] for role in one["Properties"].get("Roles", ())}
            for statement in one["Properties"]["PolicyDocument"]["Statement"]
        ]


def is_role(resource: dict[str, Any]) -> bool:
    return bool(resource["Type"] == "AWS::IAM::Role")


def listed(value: object) -> list[Any]:
    """A policy's element, which may stand alone."""
    return list(value) if isinstance(value, list) else [value]


def text(value: object) -> str:
    """A value with whatever functions it is made of, to look for names in."""
    return json.dumps(value)


def started(folder: Path, stage: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Begin to write a stage's templates, as `make synth` does, with warnings as errors."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "JSII_NODE") if name in os.environ}
    return subprocess.Popen(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "infra.app",
            "--context",
            f"stage={stage}",
            *arguments,
        ],
        cwd=ROOT,
        env={
            **kept,
            "CDK_OUTDIR": str(folder),
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit status of a synthesis and what it said."""
    said, _ = process.communicate(timeout=SYNTHESIS_SECONDS)
    return process.returncode, said
