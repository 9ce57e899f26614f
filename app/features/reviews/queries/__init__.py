"""Reading ratings of departments, star plates and indicators."""
