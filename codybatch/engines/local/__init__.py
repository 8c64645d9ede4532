"""The local engine: a dispatcher a home directory, and a worker process a job.

What lives here: starting, adopting and ending processes on this machine. The records say what is
true; everything here can die at any time and be put together again from them.
What never does: a model, a code host, the work itself.
"""
