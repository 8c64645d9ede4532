"""What every adapter of AWS must do alike: in which region it asks, and what a refusal means.

What lives here: the SDK's session, and the codes by which services refuse.
What never does: a call to a service, or anything of ours but this.
"""
