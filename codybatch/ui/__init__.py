"""The workbench's view models, components and theme; the pages stay thin because of them.

What lives here: what a page shows, computed from services and tested without a browser.
What never does: a change to a record except through a service, or model text shown as markup.
"""
