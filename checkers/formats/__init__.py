"""Readers of history files."""
