"""The client's side: the library, clients that coordinate for themselves, and reconciling siblings."""
