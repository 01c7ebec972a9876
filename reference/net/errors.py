"""What a node process says of what it was told."""


class UsageError(Exception):
    """What the user said cannot work."""
