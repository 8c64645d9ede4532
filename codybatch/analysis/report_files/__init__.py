"""Reports of experiments as files: a page, Markdown, JSON, CSV and Parquet.

What lives here: how what an experiment came to is written down, the same bytes for the same facts.
What never does: a clock, a number that is computed here, a script, or an address of another host.
"""
