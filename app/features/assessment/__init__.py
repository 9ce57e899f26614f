"""Schemes, rounds, score sheets, deductions, publication of scores."""
