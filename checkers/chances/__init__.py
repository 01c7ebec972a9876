"""Could it have failed? Counts the chances that a run, or a cell of runs, had to break its promise."""
