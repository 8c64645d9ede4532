"""The HTTP API: one application for the local server and for its Lambda handler.

What lives here: routes that parse, call one service and answer; errors as problem+json.
What never does: logic of its own, or trust in any parameter.
"""
