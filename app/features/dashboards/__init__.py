"""The first page of each role, and charts composed from other features; keeps no tables."""
