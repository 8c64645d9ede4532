"""The REST API v3: a table of routes, and functions that answer them.

Answers have the shapes of GitHub's OpenAPI description; what is not in the table is a 404.
"""
