"""Schism reads histories and judges them: a library that knows no harness and no store."""
