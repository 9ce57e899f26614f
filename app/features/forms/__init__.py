"""Form specifications held as data, in versions."""
