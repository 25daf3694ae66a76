"""The rules language and nothing else: text to a checked spec. Knows no arrays, no files of runs, and not torch."""
