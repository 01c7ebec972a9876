"""Workloads: what clients do, one file each, found by name."""
