"""Which prompt is better, by how much, and how sure one can be: a file a question.

What lives here: pure functions over plain sequences, whose answers are frozen. The unit is the
repository, because repetitions on one repository resemble each other (docs/statistics.md).
What never does: a record, a data frame, an import of numpy or scipy before it is needed, or a
number where the data gives none: there stands ``CannotBeSaid`` with its reason.
"""
