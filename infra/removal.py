"""What ``make destroy`` removes: it asks first, and says what stays.

Prints the names of the stacks to remove. Of a stage that keeps its data the stacks that hold
something stay as they are, so that deploying again finds the same table, buckets and secrets.
"""

from __future__ import annotations

import sys
from typing import TextIO

from codybatch.domain.errors import CodyBatchError
from infra.stages import Stage, stage_named

STACKS = ("watch", "workbench", "site", "api", "jobs", "network", "secrets", "data")
"""All of them, each before those that it stands on."""
HOLDING = frozenset({"data", "secrets", "site"})
KEPT = (
    "Kept: the table of records, the buckets of patches, threads and reports, the secrets, and the "
    "report site. docs/aws.md says how they are removed, too."
)
LOST = "Everything in it is lost: all records, patches, threads, reports, secrets and logs."


def stacks_to_remove(stage: Stage) -> list[str]:
    """The names of the stacks that go."""
    return [
        f"{stage.prefix}-{name}" for name in STACKS if not (stage.keeps_data and name in HOLDING)
    ]


def main(arguments: list[str], answers: TextIO) -> int:
    """Ask, and print the stacks where the stage's name is the answer."""
    try:
        stage = stage_named(arguments[0] if arguments else "dev")
    except CodyBatchError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_status
    going = stacks_to_remove(stage)
    sys.stderr.write(f"This removes {', '.join(going)}.\n{KEPT if stage.keeps_data else LOST}\n")
    sys.stderr.write(f"Type the stage's name, {stage.name}, to go on: ")
    sys.stderr.flush()
    if answers.readline().strip() != stage.name:
        sys.stderr.write("Nothing was removed.\n")
        return 1
    sys.stdout.write(" ".join(going) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdin))
