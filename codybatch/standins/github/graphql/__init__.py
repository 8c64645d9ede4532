"""The GraphQL API: a reader of the language, a schema in tables, and their execution.

The schema is a part of GitHub's: its types, fields and arguments have GitHub's names, and a
query that asks for anything else is refused with GitHub's message.
"""
