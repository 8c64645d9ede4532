"""The conversation of a job: turns with what Claude said, thought and did, folded until opened.

What lives here: the page of turns, the outline, search and jumps, and model prose made harmless.
What never does: a thread read as a whole, or words of a model or a repository shown as markup.
"""
