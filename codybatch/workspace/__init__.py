"""Git with every door shut: clones, the path jail, the profile, patches, the secret scan.

What lives here: everything that touches a work tree or starts git.
What never does: trust in repository content, a credential kept longer than one call, a model.
"""
