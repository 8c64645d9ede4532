"""The first page: what runs, what needs a person, how it has gone, and how one begins.

What lives here: its view model and sections.
What never does: an act on a job or request; those are on their own pages.
"""
