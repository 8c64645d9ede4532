"""What is computed from finished jobs: empty so far; data frames, statistics, plots, reports.

What lives here: functions from records to numbers and pictures.
What never does: a change to any record, or an import that the command line needs to start.
"""
