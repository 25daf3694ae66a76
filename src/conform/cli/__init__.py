"""The command line: one thin file for each command. Parse, call, render; only commands print."""
