"""The engines behind the engine port: local processes under a dispatcher, and AWS Batch.

What lives here: how worker processes are started, watched, cancelled and reconciled.
What never does: what a worker does once it has started, or how a record is stored.
"""
