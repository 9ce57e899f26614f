"""Ratios in one run: Qingdan beside the physical limit and beside the tools an office would otherwise use.

Seconds drift with the machine, ratios in one run do not; nothing here is asserted on time. See docs/performance.md.
"""
