"""Every format we give out, read by programs that are not ours: `make interop`."""
