"""Sealing is bound to the place: nothing opens anywhere else."""

from __future__ import annotations

import dataclasses
from uuid import uuid4

import pytest

from apps.vault.core.envelope import CannotOpen, Place, key_id, seal, unseal
from apps.vault.core.keys import Derivation, Key

PLACE = Place("harbour", "connector-1", "password", 3)
QUICK = Derivation(b"0123456789abcdef", passes=1, memory=64, lanes=1)


@pytest.fixture
def key() -> Key:
    return Key.random(uuid4())


def test_what_was_sealed_opens_at_its_place(key: Key) -> None:
    sealed = seal(key, b"blue heron", PLACE)
    assert "blue heron" not in sealed
    assert unseal(key, sealed, PLACE) == b"blue heron"
    assert key_id(sealed) == key.id


def test_no_two_sealings_are_alike(key: Key) -> None:
    assert len({seal(key, b"blue heron", PLACE) for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "other", [{"tenant": "rival"}, {"owner": "connector-2"}, {"field": "token"}, {"version": 2}, {"version": 4}]
)
def test_t22_a_ciphertext_does_not_open_elsewhere(key: Key, other: dict[str, object]) -> None:
    sealed = seal(key, b"blue heron", PLACE)
    with pytest.raises(CannotOpen):
        unseal(key, sealed, dataclasses.replace(PLACE, **other))


def test_t22_places_are_not_confused_by_their_spelling(key: Key) -> None:
    sealed = seal(key, b"x", Place("a", "bc", "d", 1))
    with pytest.raises(CannotOpen):
        unseal(key, sealed, Place("ab", "c", "d", 1))


def test_a_changed_text_does_not_open(key: Key) -> None:
    sealed = seal(key, b"blue heron", PLACE)
    for place in range(len("v1.") + 33, len(sealed)):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        try:
            assert unseal(key, changed, PLACE) == b"blue heron"  # only unused bits of base64 differ
            assert place == len(sealed) - 1
        except CannotOpen:
            pass
    for nonsense in ("", "v1", "v1.a.b.c", "v2" + sealed[2:], sealed + ".x"):
        with pytest.raises(CannotOpen):
            unseal(key, nonsense, PLACE)


def test_another_key_does_not_open_it(key: Key) -> None:
    sealed = seal(key, b"blue heron", PLACE)
    with pytest.raises(CannotOpen):
        unseal(Key.random(key.id), sealed, PLACE)


def test_a_password_makes_the_same_key_again_and_another_password_another() -> None:
    assert QUICK.key("blue heron") == QUICK.key("blue heron")
    assert QUICK.key("blue heron").secret != QUICK.key("grey heron").secret
    again = Derivation.from_json(QUICK.as_json())
    assert again == QUICK
    assert again.key_id == QUICK.key("blue heron").id


def test_t23_keys_do_not_show() -> None:
    key = QUICK.key("blue heron")
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)
    assert "secret" not in repr(key)


def test_keys_have_their_size() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Key(uuid4(), b"short")
