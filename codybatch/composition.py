"""Wires settings, adapters and services together: the only place that knows every adapter.

What lives here: functions that build what a face, a worker or a conversation needs, when asked.
What never does: a rule, a default that hides a setting, anything built at import.
"""
