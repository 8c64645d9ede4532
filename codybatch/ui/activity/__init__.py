"""The activity of a job: its events in words, its phases and attempts, live while it runs.

What lives here: the timeline and the steps of the newest attempt, worked out from events.
What never does: a state of its own, or a poll of its own; the job's page runs it again.
"""
