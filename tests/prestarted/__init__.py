"""A way to start our program in milliseconds, for tests that start it often.

What lives here: a process that has imported everything and forks a copy of itself for each start,
what asks it to, and the command line as its program.
What never does: anything that the program itself does.
"""
