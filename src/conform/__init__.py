"""conform: a declarative, spec-driven conformance checker. Importing it loads neither torch nor numpy."""

__version__ = "0.1.0"
