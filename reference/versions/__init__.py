"""What a version is: three modes of one interface."""
