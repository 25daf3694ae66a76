"""The one kind of mistake a user can make here, and the status the program then ends with."""

REFUSED = 9                           # the status of the original program for inputs it cannot work with


class Refusal(Exception):
    """An input that cannot be used. The text names it and says what to do; no traceback is shown."""


class WrongTensor(ValueError):
    """A tensor of an experiment has not the shape, dtype or device that was expected; the message names it."""
