"""The trail, read by the audit administrator."""
