"""From jobs and verdicts to what a report holds: ``gather.gather`` tells it step by step.

What lives here: what is compared (``material``), where it comes from (``from_experiment``,
``from_requests``), and how each part of ``codybatch/analysis/report`` is worked out from it.
What never does: a statistic of its own (``codybatch/analysis/statistics``), a data frame, a format.
"""
