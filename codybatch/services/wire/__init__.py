"""What programs read: the shapes of requests, jobs and all else in ``--json`` and the HTTP API.

What lives here: records with the fields that are promised, made from the domain's.
What never does: a store's or publisher's own field, a decision, a text made harmless.
"""
