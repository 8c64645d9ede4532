"""The endpoints, a file a noun: what is asked becomes one call of a service and one answer."""
