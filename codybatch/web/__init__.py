"""What our two servers, the workbench's and the HTTP API's, have in common before either answers.

What lives here: who asks and by which name, how often one may guess, the headers of every answer.
What never does: a page, an endpoint, a setting; it knows requests alone.
"""
