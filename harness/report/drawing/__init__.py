"""How is it drawn? SVG: space-time, timelines, plots and version graphs."""
