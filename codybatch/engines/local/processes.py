"""Processes of this machine, named for good by their pid and the moment they began."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import psutil

from codybatch.domain.jobs import AttemptOwner

_SAME_MOMENT_SECONDS = 1.0
"""Clocks of processes are kept in ticks: two readings of one beginning differ by less than this."""


@dataclass(frozen=True)
class ProcessName:
    """A pid and when it began (seconds since the epoch): a reused pid is another process."""

    pid: int
    started_at: float

    @classmethod
    def of(cls, pid: int) -> ProcessName | None:
        """The name of a living process; None where there is none."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    def is_alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started_at) < _SAME_MOMENT_SECONDS
            return same and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def is_gone(self) -> bool:
        """Whether no process with this pid runs at all.

        One that runs may be this very one although ``is_alive`` denies it: where somebody sets the
        clock, the moment at which every process seems to have begun moves with it.
        """
        try:
            return bool(psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True

    def signal(self, number: int) -> bool:
        """Send a signal to this very process; False where it is gone."""
        if not self.is_alive():
            return False
        try:
            psutil.Process(self.pid).send_signal(number)
        except psutil.NoSuchProcess:
            return False
        return True


def this_host() -> str:
    """The machine's name: leases of another machine say nothing about processes here."""
    return socket.gethostname()


def process_of(owner: AttemptOwner) -> ProcessName | None:
    """The process of an attempt on this machine; None where it ran elsewhere or gave no pid."""
    if owner.host != this_host() or owner.pid is None or owner.pid_started_at is None:
        return None
    return ProcessName(owner.pid, owner.pid_started_at)
