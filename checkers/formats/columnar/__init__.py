"""A history as arrays: read from lines at once, kept beside them in a file, judged fast. Needs numpy."""
