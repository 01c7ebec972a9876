"""What happened before what, over all keys? Happened-before, who saw what, and the proofs of sessions."""
