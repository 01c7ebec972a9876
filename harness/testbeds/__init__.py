"""Where a store runs."""
