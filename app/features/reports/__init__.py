"""Reports asked of units (报表), and what keeps the burden on villages low: approvals, duplicates, inspections, meetings."""
