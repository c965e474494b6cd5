"""The collector is still within, and works again once the last is out."""

from __future__ import annotations

import gc

from apps.kernel.collector import still


def test_the_last_one_out_switches_the_collector_on() -> None:
    with still():
        with still():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_works_on_where_there_is_little_to_do() -> None:
    with still(when=False):
        assert gc.isenabled()


def test_one_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with still():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
