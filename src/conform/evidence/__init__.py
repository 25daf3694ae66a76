"""Evidence: a folder that holds all that a verdict stands on, and its judgement again on another machine."""
