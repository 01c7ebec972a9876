"""What may be asserted? Promises, and the conditions under which each of their checks counts."""
