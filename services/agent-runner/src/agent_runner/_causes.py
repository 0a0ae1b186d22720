"""Errors in words."""

from typing import cast


def innermost(error: BaseException) -> BaseException:
    """Answer the first error of a group of errors, however deep it lies."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error


def in_words(error: BaseException) -> str:
    """Say what went wrong, and with which file if it was one; never nothing."""
    error = innermost(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error) or type(error).__name__
