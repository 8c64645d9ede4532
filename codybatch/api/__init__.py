"""The HTTP API: the same services as the command line, under ``/v1``, for programs elsewhere.

What lives here: who may ask, what is read of a request, which service is called, what it answers.
What never does: a rule of a use case, a store, a page.
"""
