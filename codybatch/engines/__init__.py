"""The engines behind the engine port: processes of this machine, and containers of AWS Batch.

What lives here: how workers are started, watched, cancelled and reconciled.
What never does: what a worker does once it has started, or how a record is stored.
"""
