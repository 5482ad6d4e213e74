"""What we promise to other programs."""
