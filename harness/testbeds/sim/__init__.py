"""The simulation: one thread, virtual time, one seed."""
