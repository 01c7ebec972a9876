"""One guarantee a file."""
