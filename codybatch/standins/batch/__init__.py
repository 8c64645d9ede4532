"""AWS Batch on loopback: its REST API, with every job's command run as a local process.

What lives here: submitting, describing, listing and stopping jobs as AWS answers it; states,
attempts, retry rules, timeouts; reclaimed hosts and other faults on demand; state change events.
What never does: compute environments, containers, images; a program of this machine stands for one.
"""

from codybatch.standins.batch.catalogue import Catalogue
from codybatch.standins.batch.containers import Host
from codybatch.standins.batch.jobs import Status
from codybatch.standins.batch.scheduler import Reclaim
from codybatch.standins.batch.server import BatchStandin
from codybatch.standins.batch.sink import EventSink

__all__ = ["BatchStandin", "Catalogue", "EventSink", "Host", "Reclaim", "Status"]
