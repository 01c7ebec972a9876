"""Plans: what to do, and one seed."""
