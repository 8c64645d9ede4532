"""The list of jobs, one job, and the queue in which people judge them.

What lives here: their view models, sections and acts, each act through a service.
What never does: the diff, the conversation or the cost of a job; a rule about jobs.
"""
