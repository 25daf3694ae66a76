"""Bundles: what a side wrote in one run, checked, sealed and opened. Knows no rules and no verdicts."""
