"""The command line: a file a noun; each command parses, makes one call and prints.

What lives here: arguments, tables, ``--json``, the one place that turns errors to exit statuses.
What never does: logic of its own, or a heavy import before a command needs it.
"""
