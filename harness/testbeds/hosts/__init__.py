"""What every testbed of real processes shares: a system's service, seats, processes, files, real time."""
