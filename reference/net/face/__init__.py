"""What the node shows the world: HTTP, the key-value API, the operator's and the metrics."""
