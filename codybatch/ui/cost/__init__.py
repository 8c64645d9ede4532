"""The cost of a job: what each turn used and cost, against its cap and what was expected.

What lives here: the breakdown in words and figures, its chart and table, and raising a budget.
What never does: a price or a sum of its own; the services explain a cost once for all faces.
"""
