"""The HTTP API: empty so far; one application for a local server and for a Lambda handler.

What lives here: routes that parse, call one service and answer; errors as problem+json.
What never does: logic of its own, or trust in any parameter.
"""
