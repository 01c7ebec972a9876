"""One run, from deployment to the last final read."""
