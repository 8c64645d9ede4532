"""What a comparison of prompts came to, complete and frozen: ``contents.Report`` is all of it.

What lives here: dataclasses a topic a file, which whoever shows or writes a report reads.
What never does: how they are filled (``codybatch/analysis/gathering``), a writer of a format, a
data frame, a moment that differs from one making to the next: the same records give the same
report.
"""
