"""The GitHub adapter of the code host port: selection, permissions, pull requests, rate limits.

What lives here: the only code that imports PyGithub.
What never does: git itself (``workspace``), a rule about who may publish what (``services``).
"""
