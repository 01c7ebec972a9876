"""Starting nodes: the command, its settings, clusters on one machine, and the bundle in one file."""
