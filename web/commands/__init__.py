"""``rapport …``: each file turns arguments into one call of a service, and its answer into words or JSON."""
