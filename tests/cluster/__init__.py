"""A primary and its standbys: real servers on this machine."""
