"""The list of schedules, one schedule, and the form for a new one.

What lives here: their view models, sections and form, each act through a service.
What never does: when something is due, or a rule about requests.
"""
