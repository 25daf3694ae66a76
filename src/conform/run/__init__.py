"""Runs: what is executed, with which inputs, on which sides, and the bundles that come of it. Knows no rules."""
