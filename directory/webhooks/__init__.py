"""Other programs are told of what changes."""
