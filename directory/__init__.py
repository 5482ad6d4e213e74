"""Stakeholder directory and capacity-building catalogue for digital policy."""
