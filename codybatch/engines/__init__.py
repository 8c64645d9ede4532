"""The engines behind the engine port; there is one, local processes under a dispatcher.

What lives here: how worker processes are started, watched, cancelled and reconciled.
What never does: what a worker does once it has started, or how a record is stored.
"""
