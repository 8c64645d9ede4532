"""Servers that speak Anthropic's, GitHub's and git's protocols on loopback.

What lives here: the other side of the network for the demonstration and for the tests.
What never does: serve as a fallback for the real thing, listen beyond loopback, spend money.
"""
