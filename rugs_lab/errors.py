"""Every error that rugs_lab raises on purpose, and every warning.

::

    RugsLabError
    ├── ArgumentError (also a ValueError)   a call's argument is not one that is allowed
    ├── PayloadError (also a ValueError)    a message of the server cannot be used
    ├── CaptureError (also a ValueError)    a raw event log cannot be read
    └── FeedError (also a RuntimeError)     a feed or server cannot do what was asked now
        └── FeedTimeoutError (also a TimeoutError)  what was waited for did not come in time

    RugsLabWarning (a UserWarning)
    ├── SelectionWarning    games were selected by their outcome: look-ahead bias
    ├── CensoringWarning    the rugs of many games were not seen: statistics may look too safe
    ├── IdleStrategyWarning a strategy never acted, or most of its orders were rejected
    └── CompileWarning      a strategy cannot be compiled and is played tick by tick

Each message says what was expected, what was received, and what to do.
"""


class RugsLabError(Exception):
    """Base of all errors that rugs_lab raises on purpose."""


class ArgumentError(RugsLabError, ValueError):
    """An argument is outside of what is allowed."""


class PayloadError(RugsLabError, ValueError):
    """A message of the server cannot be used; the feed counts it and continues."""


class CaptureError(RugsLabError, ValueError):
    """A raw event log is missing or contains nothing that can be played."""


class FeedError(RugsLabError, RuntimeError):
    """A feed or server cannot do what was asked in its current state."""


class FeedTimeoutError(FeedError, TimeoutError):
    """What was waited for did not come in time; the message says what did come."""


def raised(error: BaseException) -> str:
    """Return type and text of an error, also of one whose text cannot be had."""
    try:
        return f"{type(error).__name__}: {error}"
    except BaseException:
        return f"{type(error).__name__}, which has no readable text"


class RugsLabWarning(UserWarning):
    """Base of all warnings of rugs_lab."""


class SelectionWarning(RugsLabWarning):
    """The games were selected by their outcome, which nobody knows when a game begins."""


class CensoringWarning(RugsLabWarning):
    """The rugs of many watched games were not seen: a hazard may be estimated too low."""


class IdleStrategyWarning(RugsLabWarning):
    """A strategy never acted, or most of its orders were rejected: its result says little about it."""


class CompileWarning(RugsLabWarning):
    """A strategy cannot be compiled; it is played tick by tick, with the same result in more time."""
