"""Composing a request: its prompt, its repositories, its options, what it may cost, and sending it.

What lives here: the draft of a request as a person fills it in, its view models and its widgets.
What never does: a rule of requests, prompts or repositories; those are the services' to hold.
"""
