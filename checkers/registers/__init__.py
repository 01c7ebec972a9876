"""Single values: zones, searches and chains that decide whether one order explains all answers."""
