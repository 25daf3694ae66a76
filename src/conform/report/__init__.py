"""Reports: what a check found, as a model that every format renders. Knows no files and no processes."""
