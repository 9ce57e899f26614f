"""Org tree: units from the prefecture down to the sub-grid."""
