"""Real processes that kill themselves at a planned point of their work.

What lives here: adapters around the real ports that count calls and die at one of them, and the
program that composes them.
What never does: a pretended store, worker or dispatcher.
"""
