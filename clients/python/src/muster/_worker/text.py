"""Text for people."""

from __future__ import annotations


def message_of(error: BaseException) -> str:
    """The message of an exception."""
    return str(error) or type(error).__name__


def shortened(text: str, length: int) -> str:
    """Shortens text that is too long for a request by omitting its middle."""
    if len(text) <= length:
        return text
    half = (length - 40) // 2
    return f"{text[:half]} ... {len(text) - 2 * half} characters left out ... {text[-half:]}"
