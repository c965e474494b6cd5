"""Secrets never leave by way of a message."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "•••"


class Scrubber:
    """Replaces every known secret in a text, also where it was quoted for a URL or put into base64.

    Secrets shorter than three characters are left: masking each "a" would hide the message and tell
    the secret all the same.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings: set[str] = set()
        for secret in secrets:
            if len(secret) < 3:
                continue
            raw = secret.encode()
            spellings |= {
                secret,
                quote(secret, safe=""),
                quote_plus(secret),
                base64.b64encode(raw).decode(),
                base64.urlsafe_b64encode(raw).decode(),
                repr(secret)[1:-1],
            }
        # The longest first, so that no part of a secret is left standing.
        self._spellings = sorted(spellings, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, MASK)
        return text
