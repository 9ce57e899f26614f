"""Procedure definitions drawn as steps."""
