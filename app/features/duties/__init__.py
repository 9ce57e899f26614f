"""Monthly duties, their logs and review, leads, urging, period locks, completion."""
