"""Wages, award batches, pay lines."""
