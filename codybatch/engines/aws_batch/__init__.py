"""The AWS Batch engine: jobs as containers that AWS starts, looked after from outside.

What lives here: submitting in arrays, telling a reclaimed host from a failing job, stopping, and
bringing what Batch says and what the records say together, from events and by sweeps.
What never does: a record's rules, a model, a code host, the work itself.
"""

from codybatch.engines.aws_batch.engine import BatchEngine
from codybatch.engines.aws_batch.rules import BatchPlace

__all__ = ["BatchEngine", "BatchPlace"]
