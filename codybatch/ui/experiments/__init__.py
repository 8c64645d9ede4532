"""The list of experiments, one experiment, and the form for a new one.

What lives here: their view models, sections and form, each act through a service.
What never does: a rule about cells or budgets, or a statistic; the services and ``analysis`` know.
"""
