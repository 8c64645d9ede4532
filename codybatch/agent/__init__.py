"""One conversation with the model: the loop, its limits, its tools, its turn log.

What lives here: what runs in the conversation's own process, beside the work tree.
What never does: a code host credential, a lease, a program started for the model.
"""
