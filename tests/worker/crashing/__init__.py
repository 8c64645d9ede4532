"""Real processes that kill themselves at a planned point of their work.

What lives here: adapters around the real ports that count calls and die at one of them, the program
that composes them, and a way to start that program in milliseconds.
What never does: a pretended store, worker or dispatcher.
"""
