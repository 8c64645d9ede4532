"""The list of requests and one request with its jobs side by side.

What lives here: their view models, sections and acts, each act through a service.
What never does: one job's result, the form of a new request; a rule about requests.
"""
