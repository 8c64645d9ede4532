"""The use cases: prompts, requests, jobs, publication. All four faces call these and nothing else.

What lives here: rules that need records, blobs, an engine or a code host, through their ports.
What never does: SQL, HTTP, a widget, a print, or the name of an adapter.
"""
