"""Schism plans runs, breaks things, records what clients saw and reports."""
