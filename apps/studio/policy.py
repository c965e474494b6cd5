"""The Content-Security-Policy of the pages: our own scripts only, nothing inline."""

from __future__ import annotations

import secrets

from django.http import HttpResponse


def new_nonce() -> str:
    """A nonce for the style elements that the component library makes; scripts need and get none."""
    return secrets.token_urlsafe(16)


def policy(nonce: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def protect(response: HttpResponse, nonce: str) -> HttpResponse:
    """Set the headers of a page; pages hold who is signed in, so no cache may keep them."""
    response["Content-Security-Policy"] = policy(nonce)
    response["Cache-Control"] = "no-store"
    return response
