"""Pictures of distributions: small SVG of our own, shown offline and in every theme.

What lives here: scales, marks, and pictures with a title, a description and their numbers.
What never does: a script, a font or an address of another host, or a number computed elsewhere.
"""
