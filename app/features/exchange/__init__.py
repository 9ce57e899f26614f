"""Workbooks in and out: upload, preview, confirm, receipts, templates."""
