"""What supersedes what, on one key? Versions, what a read saw of them, and how replicas came to agree."""
