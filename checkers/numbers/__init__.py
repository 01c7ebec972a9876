"""Bands and percentiles: what is known of a number from a few samples."""
