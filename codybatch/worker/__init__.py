"""One job from claim to settlement; ``run.py`` tells the story in the order it happens.

What lives here: the lease, the workspace, the check, the publication and the settlement of a job.
What never does: the model's key, an adapter's name, a step that a second attempt cannot redo.
"""
