"""The Anthropic adapter of the model port: streaming, retries, prices, capabilities.

What lives here: the only code that imports the Anthropic SDK.
What never does: a loop, a tool, a limit, a record; those are the agent's.
"""
