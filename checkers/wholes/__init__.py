"""What may a read of a whole set or counter show, and when? Elements and sums in the order of time."""
