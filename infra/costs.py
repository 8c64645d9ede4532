"""What the AWS part costs: computed from the stacks' own settings, at list prices.

``python -m infra.costs docs/aws.md`` writes the tables into the documentation. Prices are those of
us-east-1 as published, without free tiers; other regions cost up to a third more. What the model
costs is not in here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra import jobs, workbench
from infra.api import BATCH_EVENT_SIZE, STATES, TICK_SIZE
from infra.secrets import SECRETS

PRICES_OF = "November 2025"
HOURS = 730
"""In a month."""
MINUTES = HOURS * 60

VCPU_HOUR, GIB_HOUR = 0.04048, 0.004445
"""https://aws.amazon.com/fargate/pricing/, Linux on x86."""
SPOT_SHARE = 0.3
"""Of those prices: up to 70 % off."""
FREE_SCRATCH_GIB, SCRATCH_GIB_HOUR = 20, 0.000111
ADDRESS_HOUR = 0.005
"""A public IPv4 address: https://aws.amazon.com/vpc/pricing/"""
MILLION_WRITES, MILLION_READS = 0.625, 0.125
"""https://aws.amazon.com/dynamodb/pricing/on-demand/"""
TABLE_GIB_MONTH, RECOVERY_GIB_MONTH = 0.25, 0.20
PUT, OBJECT_GIB_MONTH = 0.005 / 1000, 0.023
"""https://aws.amazon.com/s3/pricing/"""
CALL, FUNCTION_GIB_SECOND = 0.20 / 1e6, 0.0000166667
"""https://aws.amazon.com/lambda/pricing/, x86."""
LOG_GIB = 0.50
ALARM_MONTH, DASHBOARD_MONTH = 0.10, 3.00
"""https://aws.amazon.com/cloudwatch/pricing/"""
SECRET_MONTH = 0.40
BALANCER_HOUR = 0.0225
"""https://aws.amazon.com/elasticloadbalancing/pricing/, without its small share for use."""
IMAGE_GIB_MONTH = 0.10
GIB = 2**30

ALARMS = 12
"""Metrics that alarms look at; one of them looks at two."""


@dataclass(frozen=True)
class TypicalJob:
    """What a job is taken to be: change it, and the tables change."""

    minutes: float = 10
    start_minutes: float = 1
    """While the image is taken, which Fargate charges too."""
    turns: int = 30
    heartbeats: int = 200
    """One every three seconds."""
    reservations: int = 6
    puts: int = 40
    """One a turn, and thread, patch and profile at the end."""
    stored_mib: float = 1.0
    records_kib: float = 60.0
    log_kib: float = 100.0


UNITS = {
    "submit a request of 5 jobs": (1, 62),
    "claim a job": (1, 10),
    "reserve money (every few turns)": (7, 6),
    "commit a turn": (1, 12),
    "a heartbeat": (0, 2),
    "settle a job": (1, 47),
}
"""Read and write units of each operation, as the table of docs/aws.md has them measured."""


@dataclass(frozen=True)
class Line:
    """One line of a table."""

    what: str
    basis: str
    usd: float


def fargate_hour(vcpus: float, gib: float, scratch_gib: float = FREE_SCRATCH_GIB) -> float:
    """What a task costs an hour at on-demand prices, without its address, in US dollars."""
    scratch = max(0.0, scratch_gib - FREE_SCRATCH_GIB) * SCRATCH_GIB_HOUR
    return vcpus * VCPU_HOUR + gib * GIB_HOUR + scratch


def units(job: TypicalJob) -> tuple[float, float]:
    """The read and write units of a whole job."""
    times = {
        "submit a request of 5 jobs": 1 / 5,
        "claim a job": 1,
        "reserve money (every few turns)": job.reservations,
        "commit a turn": job.turns,
        "a heartbeat": job.heartbeats,
        "settle a job": 1,
    }
    reads = sum(count * UNITS[name][0] for name, count in times.items())
    writes = sum(count * UNITS[name][1] for name, count in times.items())
    return reads, writes


def a_thousand_jobs(job: TypicalJob, *, spot: bool) -> Iterator[Line]:
    """What 1,000 jobs cost."""
    share = SPOT_SHARE if spot else 1.0
    hours = 1000 * (job.minutes + job.start_minutes) / 60
    gib = jobs.MEMORY_MIB / 1024
    hour = fargate_hour(jobs.VCPUS, gib, jobs.SCRATCH_GIB)
    kind = "Fargate Spot" if spot else "Fargate on demand"
    size = f"{jobs.VCPUS} vCPU, {gib:g} GiB, {jobs.SCRATCH_GIB} GiB of scratch"
    yield Line(kind, f"{hours:.0f} h of {size}", hours * hour * share)
    yield Line("Public addresses", f"{hours:.0f} h", hours * ADDRESS_HOUR)
    reads, writes = units(job)
    dynamo = reads * MILLION_READS / 1000 + writes * MILLION_WRITES / 1000
    yield Line("DynamoDB", f"{reads:.0f} read and {writes:.0f} write units a job", dynamo)
    records = 1000 * job.records_kib * 1024 / GIB
    yield Line(
        "Records kept",
        f"{records * 1024:.0f} MiB, with recovery, a month",
        records * (TABLE_GIB_MONTH + RECOVERY_GIB_MONTH),
    )
    yield Line("S3, written", f"{job.puts} objects a job", 1000 * job.puts * PUT)
    stored = 1000 * job.stored_mib / 1024
    yield Line("S3, kept", f"{stored * 1024:.0f} MiB a month", stored * OBJECT_GIB_MONTH)
    log = 1000 * job.log_kib * 1024 / GIB
    yield Line("Logs", f"{job.log_kib:.0f} KiB a job", log * LOG_GIB)
    events = 1000 * len(STATES)
    seconds = events * 0.5 * BATCH_EVENT_SIZE.memory_mib / 1024
    yield Line(
        "Events", f"{len(STATES)} states a job", events * CALL + seconds * FUNCTION_GIB_SECOND
    )


def a_month_without_jobs() -> Iterator[Line]:
    """What a stage costs while nothing runs."""
    yield Line("Load balancer", f"{HOURS} h", HOURS * BALANCER_HOUR)
    vcpus, gib = workbench.CPU_UNITS / 1024, workbench.MEMORY_MIB / 1024
    yield Line(
        "Workbench",
        f"{workbench.TASKS} task of {vcpus:g} vCPU, {gib:g} GiB, and its address",
        workbench.TASKS * HOURS * (fargate_hour(vcpus, gib) + ADDRESS_HOUR),
    )
    tick = TICK_SIZE.memory_mib / 1024
    yield Line(
        "Tick",
        f"{MINUTES:,} calls of a second, {tick:g} GiB",
        MINUTES * (CALL + tick * FUNCTION_GIB_SECOND),
    )
    yield Line("Secrets", f"{SECRETS}", SECRETS * SECRET_MONTH)
    alarms = ALARMS * ALARM_MONTH + DASHBOARD_MONTH
    yield Line("Alarms and dashboard", f"{ALARMS} metrics, 1 dashboard", alarms)
    yield Line("Images", "3, about 0.2 GiB each, compressed", 0.6 * IMAGE_GIB_MONTH)


def table(title: str, lines: Iterable[Line]) -> str:
    """A table of Markdown with its sum."""
    found = list(lines)
    total = Line("**together**", "", sum(line.usd for line in found))
    rows = "\n".join(f"| {line.what} | {line.basis} | {line.usd:.2f} |" for line in (*found, total))
    return f"| {title} | | US dollars |\n|---|---|---:|\n{rows}\n"


BEGIN, END = "<!-- made by python -m infra.costs -->\n", "<!-- end -->"


def written() -> str:
    """All tables, with what they rest on."""
    job = TypicalJob()
    basis = (
        f"List prices of us-east-1, {PRICES_OF}, without free tiers. A job is taken to be "
        f"{job.minutes:g} minutes and\n{job.turns} turns; what the model costs comes on top.\n"
    )
    month = table("a month without jobs", a_month_without_jobs())
    spot = table("1,000 jobs on Spot", a_thousand_jobs(job, spot=True))
    on_demand = table("1,000 jobs on demand", a_thousand_jobs(job, spot=False))
    return f"{basis}\n{month}\n{spot}\n{on_demand}"


def with_tables(page: str) -> str:
    """A page with its tables made again.

    Raises:
        ValueError: the page does not say where they stand.
    """
    place = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    changed, count = place.subn(lambda _: BEGIN + written() + END, page)
    if count != 1:
        raise ValueError(f"The page has {count} places for the tables of costs: {BEGIN.strip()}")
    return changed


def main(arguments: list[str]) -> None:
    """Write the tables into the page that is named."""
    page = Path(arguments[0])
    page.write_text(with_tables(page.read_text()))


if __name__ == "__main__":
    main(sys.argv[1:])
