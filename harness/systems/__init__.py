"""Stores under test, one file each."""
