"""What the cloud costs is computed from what is deployed, and the documentation says the same."""

from __future__ import annotations

import re

import pytest

from infra.costs import (
    ALARMS,
    BEGIN,
    END,
    UNITS,
    TypicalJob,
    a_month_without_jobs,
    a_thousand_jobs,
    fargate_hour,
    units,
    with_tables,
    written,
)
from infra.jobs import MEMORY_MIB, SCRATCH_GIB, VCPUS
from infra.secrets import SECRETS
from infra.workbench import CPU_UNITS, TASKS
from infra.workbench import MEMORY_MIB as PAGES_MIB
from tests.infra_kit import ROOT, Deployment

PAGE = ROOT / "docs/aws.md"


def test_the_documentation_holds_the_tables_as_they_are_computed_now() -> None:
    page = PAGE.read_text()

    assert page == with_tables(page), "run `make docs`"


def test_what_an_operation_reads_and_writes_is_what_was_measured() -> None:
    rows = re.findall(r"^\| (.+?) \| \d+ \| (\d+) \| (\d+) \|$", PAGE.read_text(), re.MULTILINE)
    measured = {name: (int(reads), int(writes)) for name, reads, writes in rows}

    assert {name: measured[name] for name in UNITS} == UNITS


def test_sizes_are_those_of_the_stacks(deployment: Deployment) -> None:
    batch = deployment.only("AWS::Batch::JobDefinition").properties
    (task,) = batch["EcsProperties"]["TaskProperties"]
    needs = {
        each["Type"]: int(each["Value"]) for each in task["Containers"][0]["ResourceRequirements"]
    }
    page = deployment.only("AWS::ECS::TaskDefinition").properties

    assert needs == {"VCPU": VCPUS, "MEMORY": MEMORY_MIB}
    assert task["EphemeralStorage"]["SizeInGiB"] == SCRATCH_GIB
    assert (page["Cpu"], page["Memory"]) == (str(CPU_UNITS), str(PAGES_MIB))
    assert deployment.only("AWS::ECS::Service").properties["DesiredCount"] == TASKS


def test_all_that_costs_by_the_month_is_counted(deployment: Deployment) -> None:
    alarms = deployment.of_kind("AWS::CloudWatch::Alarm")
    metrics = sum(
        max(1, sum("MetricStat" in each for each in one.properties.get("Metrics", ())))
        for one in alarms
    )

    assert metrics == ALARMS
    assert len(deployment.of_kind("AWS::SecretsManager::Secret")) == SECRETS
    assert len(deployment.of_kind("AWS::ElasticLoadBalancingV2::LoadBalancer")) == 1
    assert not deployment.of_kind("AWS::EC2::NatGateway")
    assert not [
        one
        for one in deployment.of_kind("AWS::EC2::VPCEndpoint")
        if one.properties.get("VpcEndpointType") != "Gateway"
    ]


def test_a_task_costs_what_a_person_computes() -> None:
    # 1 vCPU, 4 GiB and 30 GiB of scratch more than the 20 that cost nothing.
    assert fargate_hour(1, 4, 50) == pytest.approx(0.04048 + 4 * 0.004445 + 30 * 0.000111)
    assert fargate_hour(1, 4, 10) == fargate_hour(1, 4, 20)


def test_twice_the_minutes_cost_twice_the_hours() -> None:
    def computing(job: TypicalJob) -> float:
        return next(iter(a_thousand_jobs(job, spot=False))).usd

    short = TypicalJob(minutes=10, start_minutes=0)
    long = TypicalJob(minutes=20, start_minutes=0)
    assert computing(long) == pytest.approx(2 * computing(short))


def test_spot_costs_less_and_nothing_else_changes() -> None:
    spot, full = (list(a_thousand_jobs(TypicalJob(), spot=spot)) for spot in (True, False))

    assert spot[0].usd < full[0].usd
    assert spot[1:] == full[1:]


def test_a_turn_more_writes_what_a_turn_writes() -> None:
    reads, writes = units(TypicalJob(turns=31))
    fewer_reads, fewer_writes = units(TypicalJob(turns=30))

    assert (reads - fewer_reads, writes - fewer_writes) == UNITS["commit a turn"]


def test_the_sum_is_the_sum_of_its_lines() -> None:
    lines = list(a_month_without_jobs())
    total = sum(line.usd for line in lines)

    assert f"| **together** |  | {total:.2f} |" in written()
    assert all(line.usd > 0 for line in lines)


def test_a_page_without_a_place_for_the_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="0 places"):
        with_tables("nothing")
    assert with_tables(f"a\n{BEGIN}old\n{END}\nb").startswith("a\n")
