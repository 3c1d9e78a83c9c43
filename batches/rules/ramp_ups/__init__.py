"""What would become of a line if it were changed: scenarios, their simulation, and the cheapest plan for a target."""
