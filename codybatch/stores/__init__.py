"""The stores behind the records and blobs ports; there is one, embedded (SQLite and files).

What lives here: how a record or a blob is kept, atomically and in order.
What never does: a business rule; the contract suite in ``tests/contracts`` is the same for all.
"""
