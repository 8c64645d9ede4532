"""What is computed from records: data frames, statistics, plots and what a notebook shows.

What lives here: functions from records to numbers, tables and pictures; the notebook's workspace.
What never does: a second way to read records, or an import that the command line needs to start.
"""
