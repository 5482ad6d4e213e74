"""From a need to the offers that fit it, with reasons."""
