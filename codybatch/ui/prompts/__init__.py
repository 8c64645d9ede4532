"""The library of prompts and one prompt: versions, differences, what became of each.

What lives here: the view models and sections of both pages, and the editor. What never does: what
makes a prompt valid, which the service decides.
"""
