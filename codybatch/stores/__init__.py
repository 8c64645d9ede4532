"""The stores behind the records and blobs ports: embedded (SQLite and files) and AWS.

What lives here: how a record or a blob is kept, atomically and in order.
What never does: a business rule; the contract suite in ``tests/contracts`` is the same for all.
"""
