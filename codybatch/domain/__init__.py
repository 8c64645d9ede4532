"""The words and rules of Cody Batch: models, states, money, errors.

Everything here is pure: no I/O, no clock, no environment, no third party but pydantic.
Every other folder may import it; it imports none of them.
"""
