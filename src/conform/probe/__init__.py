"""Probes for a C source that is not ours: find where a value is complete, insert a call there, show the difference.

Text in, text out: nothing here opens the user's file, compiles or runs (that is conform.run.source). tree-sitter is
loaded when a source is first parsed, not before.
"""
