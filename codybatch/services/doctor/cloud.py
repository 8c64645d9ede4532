"""What the doctor asks of AWS, where records live or jobs run there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from codybatch.domain.errors import EngineError, StoreError
from codybatch.ports.cloud import (
    BucketFacts,
    CloudIdentity,
    QueueFacts,
    QueueLook,
    StoreLook,
    TableFacts,
)
from codybatch.services.doctor.findings import Finding, Health, failed, fine, warning
from codybatch.services.doctor.machine import dispatching
from codybatch.services.doctor.patient import Patient

MOST_SKEW = timedelta(minutes=4)
"""AWS refuses what was signed more than five minutes ago or ahead (docs.aws.amazon.com, "Create a
signed AWS API request")."""


def account(patient: Patient) -> Iterator[Finding]:
    """Whether the credentials are good and whose they are; and if so, everything else of AWS's."""
    if patient.store_look is None:
        return
    yield from _identity(patient, patient.store_look.identity())
    looks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("table", partial(_table, patient, patient.store_look)),
        ("bucket", partial(_bucket, patient.store_look)),
    ]
    if patient.queue_look is not None:
        looks += [
            ("job queue", partial(_queue, patient.queue_look)),
            ("job definition", partial(_definition, patient.queue_look)),
        ]
    for name, look in looks:
        try:
            yield from look()
        except (StoreError, EngineError) as error:  # which says what to do
            yield failed(name, error.message, "")


def dispatcher(patient: Patient) -> Iterator[Finding]:
    """Whether somebody here starts the jobs that are recorded in AWS."""
    if patient.runs_here and patient.store_look is not None:
        yield dispatching(patient)


def setbacks(patient: Patient) -> Iterator[Finding]:
    """What had to be asked again while we looked; nothing where all was answered at once."""
    for service, reasons in patient.setbacks().items():
        told = ", ".join(f"{reason} {count} times" for reason, count in sorted(reasons.items()))
        yield warning(
            "AWS retries",
            f"{service} had to be asked again: {told}",
            "One now and then is usual. Where they stay, see TableThrottles in docs/runbook.md.",
        )


def _identity(patient: Patient, found: CloudIdentity) -> Iterator[Finding]:
    yield fine("AWS", f"{found.name} in {found.region}")
    if found.told_at is None:
        return
    skew = patient.clock.now() - found.told_at
    seconds = f"{abs(skew.total_seconds()):.0f} s"
    if abs(skew) <= MOST_SKEW:
        yield fine("AWS clock", f"within {seconds} of ours")
    else:
        yield failed(
            "AWS clock",
            f"This machine's clock is {seconds} {'fast' if skew > timedelta() else 'slow'}.",
            "Set it, best by NTP: AWS refuses what is signed at another time.",
        )


def _table(patient: Patient, look: StoreLook) -> Iterator[Finding]:
    found = _of_table(look.table())
    if found.health is not Health.FAILED:
        patient.records.check()
    yield found


def _of_table(found: TableFacts) -> Finding:
    check = "table"
    if found.keys != found.expected_keys:
        return failed(
            check,
            f"{found.name} has the keys {', '.join(found.keys)}; a table of Cody Batch has "
            f"{', '.join(found.expected_keys)}.",
            "Set CODYBATCH_TABLE to the table that `make deploy` made.",
        )
    if not found.is_ready:
        return failed(check, f"{found.name} is being made or deleted.", "Wait until it is active.")
    if found.time_to_live != found.expected_time_to_live:
        has = f"is by {found.time_to_live}" if found.time_to_live else "is off"
        return warning(
            check,
            f"The time to live of {found.name} {has}: old events and keys are never deleted.",
            f"Turn it on by the attribute {found.expected_time_to_live}; `make deploy` does so.",
        )
    return fine(check, f"{found.name}, with its keys and time to live")


def _bucket(look: StoreLook) -> Iterator[Finding]:
    yield _of_bucket(look.bucket())


def _of_bucket(found: BucketFacts) -> Finding:
    check = "bucket"
    mend = "Block all public access to it: `make deploy` does so."
    if found.is_public:
        detail = f"The policy of {found.name} lets everybody read conversations and patches."
        return failed(check, detail, mend)
    if found.is_shut is None:
        detail = f"{found.name} is there; these credentials may not see whether it is public."
        mend = "Run the doctor as somebody who may s3:GetBucketPublicAccessBlock."
        return warning(check, detail, mend)
    if not found.is_shut:
        return warning(check, f"{found.name} could be made public.", mend)
    return fine(check, f"{found.name}, with all public access blocked")


def _queue(look: QueueLook) -> Iterator[Finding]:
    found = look.queue()
    if found is None:
        yield failed(
            "job queue",
            f"{look.queue_name} is not there.",
            "Check CODYBATCH_JOB_QUEUE and AWS_REGION; `make deploy` makes the queue.",
        )
        return
    yield _of_queue(found)
    for machines in found.machines:
        if machines.problem:
            detail = f"{machines.name} starts nothing: {machines.problem}."
            yield warning("machines", detail, "Enable or mend it; jobs of its queue wait.")


def _of_queue(found: QueueFacts) -> Finding:
    check = "job queue"
    if not found.is_enabled:
        mend = f"aws batch update-job-queue --job-queue {found.name} --state ENABLED"
        return failed(check, f"{found.name} is disabled.", mend)
    if found.problem:
        mend = "Mend it in AWS Batch, or `make deploy` again."
        return failed(check, f"{found.name} is not valid: {found.problem}.", mend)
    return fine(check, f"{found.name} is enabled")


def _definition(look: QueueLook) -> Iterator[Finding]:
    found = look.definition()
    if found is None:
        yield failed(
            "job definition",
            f"There is no active {look.definition_name}.",
            "Check CODYBATCH_JOB_DEFINITION; `make deploy` registers one.",
        )
    else:
        yield fine("job definition", f"{found.name} is active")
