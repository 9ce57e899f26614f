"""Rule settings, ranking runs with frozen inputs, publication of rankings."""
