"""What stands before Streamlit's own server, on every answer that leaves it.

What lives here: who may come in, under which name, and the headers that browsers keep to.
What never does: anything of a page, or a record; it knows requests and settings alone.
"""
