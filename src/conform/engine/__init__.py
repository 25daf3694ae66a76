"""Judging: plan, evaluate with bounds, judge, diagnose. Knows rules and bundles; nothing of programs, files of runs or
colours, and nothing of the domain that the rules speak of."""
