"""Data frames of what is recorded, a file a frame: rows are read in pages, through the services.

What lives here: each frame's columns with their meaning, type and unit.
What never does: SQL, statistics, or a number that no record holds.
"""
