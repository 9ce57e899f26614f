"""What the portal does: one folder a feature, each with the same file names."""
