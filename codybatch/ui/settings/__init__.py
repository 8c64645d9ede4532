"""The page of settings: a person's preferences, the doctor's report, and what limits requests.

What lives here: its view model, its form, and the theme that a person prefers.
What never does: a setting of the environment; those are shown here and set where it is started.
"""
