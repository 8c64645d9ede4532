"""How a notebook shows what people read: HTML of one output, and the same as plain text.

What lives here: escaped HTML with a style of its own, for light and dark, cut where it is long.
What never does: a script, an address of another host, or a text that was not cleaned.
"""
