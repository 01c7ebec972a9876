"""Faults, one kind a file."""
