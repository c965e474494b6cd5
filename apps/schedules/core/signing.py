"""Signatures of webhooks as the Standard Webhooks specification has them.

Headers `webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature`: a list, separated by blanks,
of `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. The id is signed too, so that nobody who
overheard a delivery can send it again under another one. Secrets are `whsec_` and base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)
"""How far the time of a delivery may lie from ours, either way."""
_ID = re.compile(r"[\x21-\x7e]{1,255}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class BadSignature(Exception):
    """`code` is `unsigned`, `stale` or `bad_signature`; the text says more to whoever mends the sender."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a sender said in the headers, as it was sent."""

    id: str | None
    timestamp: str | None
    signature: str | None


def is_event_id(text: str) -> bool:
    """Whether it can be the id of an event: printable, without blanks, of at most 255 characters."""
    return _ID.fullmatch(text) is not None


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, *, id: str, timestamp: int, body: bytes) -> str:
    """The signature of a delivery, for the header."""
    return "v1," + base64.b64encode(_digest(secret, id, str(timestamp), body)).decode()


def verify(delivery: Delivery, body: bytes, *, secrets: Iterable[str], now: datetime) -> str:
    """The id of a delivery that was signed with one of the secrets, a moment ago. Raises BadSignature."""
    if not (delivery.id and delivery.timestamp and delivery.signature):
        raise BadSignature("unsigned", "the headers webhook-id, webhook-timestamp and webhook-signature are needed")
    if not is_event_id(delivery.id) or not _TIMESTAMP.fullmatch(delivery.timestamp):
        raise BadSignature("bad_signature", "webhook-id or webhook-timestamp is not well-formed")
    given = [_decoded(part) for part in delivery.signature.split(" ")[:10]]
    good = False
    for secret in secrets:
        wanted = _digest(secret, delivery.id, delivery.timestamp, body)
        for each in given:  # all of them, so that the time tells nothing
            good |= hmac.compare_digest(wanted, each)
    if not good:
        raise BadSignature("bad_signature", "the signature does not fit the secret, the headers and the body")
    sent = datetime.fromtimestamp(int(delivery.timestamp), UTC)
    if abs(now - sent) > TOLERANCE:
        raise BadSignature("stale", f"the time of the delivery is {abs(now - sent)} from ours")
    return delivery.id


def _digest(secret: str, id: str, timestamp: str, body: bytes) -> bytes:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()


def _decoded(part: str) -> bytes:
    version, _, text = part.partition(",")
    if version != "v1":
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
