"""Spans for an OpenTelemetry collector, where one is configured.

What lives here: the two ends of tracing. The worker's sends spans to the collector and holds its
credential; the conversation's hands its spans to the worker. What never does: content of any kind.
"""
