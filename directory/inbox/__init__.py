"""What people tell us: reports of problems, and requests of providers."""
