"""Signatures of webhooks, against the specification's own example and against everything but the secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.schedules.core.signing import TOLERANCE, BadSignature, Delivery, new_secret, sign, verify

# Of the Standard Webhooks specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
THEN = datetime.fromtimestamp(TIMESTAMP, UTC)


def deliver(**changed: str | None) -> Delivery:
    said: dict[str, str | None] = {"id": ID, "timestamp": str(TIMESTAMP), "signature": SIGNATURE}
    return Delivery(**{**said, **changed})


def test_it_signs_and_verifies_as_the_specification_says() -> None:
    assert sign(SECRET, id=ID, timestamp=TIMESTAMP, body=BODY) == SIGNATURE
    assert verify(deliver(), BODY, secrets=[SECRET], now=THEN) == ID


def test_one_of_several_signatures_and_secrets_is_enough() -> None:
    several = f"v1,{'A' * 43}= v1a,xyz {SIGNATURE}"
    assert verify(deliver(signature=several), BODY, secrets=[new_secret(), SECRET], now=THEN) == ID


def test_t48_the_window_is_five_minutes_either_way() -> None:
    for age in (TOLERANCE, -TOLERANCE):
        verify(deliver(), BODY, secrets=[SECRET], now=THEN + age)
    for age in (TOLERANCE + timedelta(seconds=1), -TOLERANCE - timedelta(seconds=1)):
        with pytest.raises(BadSignature) as refused:
            verify(deliver(), BODY, secrets=[SECRET], now=THEN + age)
        assert refused.value.code == "stale"


@given(st.binary(max_size=60), st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_t47_nothing_but_the_secret_makes_a_signature(body: bytes, id: str, timestamp: str, signature: str) -> None:
    with pytest.raises(BadSignature):
        verify(Delivery(id, timestamp, signature), body, secrets=[SECRET], now=THEN)
    if body != BODY:
        with pytest.raises(BadSignature):
            verify(deliver(), body, secrets=[SECRET], now=THEN)


def test_secrets_differ_and_are_long() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert all(len(each) > 40 for each in made)
