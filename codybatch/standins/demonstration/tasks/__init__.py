"""The kinds of change that the demonstration's model knows, a file each.

What lives here: what to search for, and how a file reads afterwards.
What never does: calling a tool; the plan does that.
"""
