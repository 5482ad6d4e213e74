"""Give it out: one module a format."""
