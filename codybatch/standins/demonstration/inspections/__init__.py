"""What the demonstration's model can look for without changing it, a file each.

What lives here: rules on the text of one file. What never does: what a repository is known to hold.
"""
