"""Cody Batch: one prompt, several repositories, a durable job each.

What lives here: the packages below, one noun each; dependencies point inward to ``domain``.
What never does: work at import, logic that belongs in a service, knowledge of an adapter.
"""
