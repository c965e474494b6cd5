"""The socket as CONTRACT "Socket" says, against Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.kernel.redis import async_client, client
from apps.realtime import log
from apps.realtime.identity import Credential

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("committed_tenant")]


async def opened(socket: Any, ticket: str) -> Any:
    found = socket(f"/ws/?ticket={ticket}")
    assert await found.connect()
    return found


@pytest.fixture
def olive(person: Callable[[str], Any]) -> Any:
    return person("olive")


@pytest.fixture
def vera(person: Callable[[str], Any]) -> Any:
    return person("vera")


@pytest.fixture
async def wire(socket: Any, ticket_of: Any, olive: Any) -> Any:
    return await opened(socket, ticket_of(olive))


async def test_a_ping_is_answered(wire: Any) -> None:
    await wire.say(type="ping")
    assert await wire.hear() == {"type": "pong"}


async def test_an_event_reaches_a_subscriber(wire: Any, olive: Any, in_tenant: Any) -> None:
    channel = f"user:{olive.pk}"
    await wire.say(type="subscribe", channel=channel)
    subscribed = await wire.hear()
    assert subscribed["type"] == "subscribed"
    assert subscribed["channel"] == channel
    event_id = await in_tenant(log.append, channel, "greeting", {"text": "Ahoy"})
    event = await wire.hear()
    assert event.pop("at").endswith("Z")
    assert event == {
        "type": "event", "id": event_id, "channel": channel, "event": "greeting", "data": {"text": "Ahoy"}
    }  # fmt: skip
    assert event_id == subscribed["last_id"] + 1


async def test_events_that_happened_together_come_one_by_one_in_their_order(
    wire: Any, olive: Any, in_tenant: Any
) -> None:
    """More of them than are written at once, and larger together than one message may be."""
    channel = f"user:{olive.pk}"
    await wire.say(type="subscribe", channel=channel)
    last = (await wire.hear())["last_id"]
    tides = [{"metres": metres, "log": "~" * 5_000} for metres in range(450)]
    ids = await in_tenant(log.append_all, channel, "tide", tides)
    assert ids == list(range(last + 1, last + 451))
    events = await wire.hear_events(450)
    assert [event["id"] for event in events] == ids
    assert [event["data"] for event in events] == tides


async def test_who_resumes_misses_nothing_and_hears_nothing_twice(
    socket: Any, ticket_of: Any, olive: Any, in_tenant: Any
) -> None:
    channel = f"user:{olive.pk}"
    first = await opened(socket, ticket_of(olive))
    await first.say(type="subscribe", channel=channel)
    await first.hear()
    ids = [await in_tenant(log.append, channel, "tide", {"metres": metres}) for metres in range(3)]
    last = (await first.hear_events(3))[0]["id"]
    await first.disconnect()
    ids += [await in_tenant(log.append, channel, "tide", {"metres": metres}) for metres in range(3, 300)]
    second = await opened(socket, ticket_of(olive))
    appending = asyncio.create_task(append_more(in_tenant, channel, 300, 320))
    await second.say(type="subscribe", channel=channel, last_event_id=last)
    assert (await second.hear())["type"] == "subscribed"
    ids += await appending
    heard = [event["id"] for event in await second.hear_events(len(ids) - 1)]
    assert heard == ids[1:]
    assert await second.receive_nothing(timeout=0.2)


async def append_more(in_tenant: Any, channel: str, start: int, end: int) -> list[int]:
    return [await in_tenant(log.append, channel, "tide", {"metres": metres}) for metres in range(start, end)]


async def test_last_event_id_zero_replays_all_that_is_kept(wire: Any, olive: Any, in_tenant: Any) -> None:
    channel = f"user:{olive.pk}"
    client().delete(*client().keys(f"uzo:*{channel}") or ["nothing"])
    ids = await append_more(in_tenant, channel, 0, 5)
    await wire.say(type="subscribe", channel=channel, last_event_id=0)
    assert (await wire.hear())["last_id"] == ids[-1]
    assert [event["id"] for event in await wire.hear_events(5)] == ids


@pytest.mark.parametrize("back", [10, -1_000_000], ids=["trimmed", "never given"])
async def test_where_replay_would_have_a_gap_the_client_is_told_to_read_again(
    wire: Any, olive: Any, in_tenant: Any, back: int, settings: Any
) -> None:
    channel = f"user:{olive.pk}"
    ids = await append_more(in_tenant, channel, 0, 3)
    for event_id in ids:
        await async_client().xdel(f"uzo:{await in_tenant(schema_name)}:events:{channel}", f"{event_id}-0")
    await append_more(in_tenant, channel, 3, 5)
    await wire.say(type="subscribe", channel=channel, last_event_id=ids[0] - back)
    newest = (await wire.hear())["last_id"]
    assert await wire.hear() == {"type": "resync", "channel": channel, "last_id": newest}
    following = await in_tenant(log.append, channel, "tide", {})
    assert (await wire.hear())["id"] == following == newest + 1


def schema_name() -> str:
    from django.db import connection

    return str(connection.schema_name)


async def test_f4_after_redis_was_flushed_ids_still_grow_and_subscribers_resynchronise(
    wire: Any, olive: Any, in_tenant: Any
) -> None:
    channel = f"user:{olive.pk}"
    await wire.say(type="subscribe", channel=channel)
    before = (await wire.hear())["last_id"]
    client().delete(*client().keys(f"uzo:*{channel}"))  # other workers' tests use this Redis, too
    after = await in_tenant(log.append, channel, "tide", {})
    assert after > before
    assert await wire.hear() == {"type": "resync", "channel": channel, "last_id": after}
    assert await in_tenant(log.append, channel, "tide", {}) == (await wire.hear())["id"]


async def test_an_event_whose_announcement_was_lost_still_comes(
    wire: Any, olive: Any, in_tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = f"user:{olive.pk}"
    await wire.say(type="subscribe", channel=channel)
    await wire.hear()
    with monkeypatch.context() as deaf:
        deaf.setattr(log, "announce", lambda *_: None)
        ids = await append_more(in_tenant, channel, 0, 2)
    assert [event["id"] for event in await wire.hear_events(2, timeout=5)] == ids


async def test_what_may_not_be_read_is_not_found(wire: Any, vera: Any) -> None:
    for channel in (f"user:{vera.pk}", f"workflow:{uuid4()}", f"execution:{uuid4()}", "user:*", "everything"):
        await wire.say(type="subscribe", channel=channel)
        assert await wire.hear() == {"type": "error", "code": "not_found", "channel": channel}


async def test_after_unsubscribing_nothing_comes(wire: Any, olive: Any, in_tenant: Any) -> None:
    channel = f"user:{olive.pk}"
    await wire.say(type="subscribe", channel=channel)
    await wire.hear()
    await wire.say(type="unsubscribe", channel=channel)
    await wire.say(type="ping")
    await wire.hear()
    await in_tenant(log.append, channel, "tide", {})
    assert await wire.receive_nothing(timeout=0.3)


@pytest.mark.parametrize(
    "text", ["not json", "[]", '{"type": "dance"}', '{"type": "subscribe"}', "[" * 5000], ids=str.__len__
)
async def test_what_makes_no_sense_is_an_error_and_the_socket_lives(wire: Any, text: str) -> None:
    await wire.send_text(text)
    assert (await wire.hear())["code"] == "invalid"
    await wire.say(type="ping")
    assert await wire.hear() == {"type": "pong"}


async def test_a_message_that_is_too_long_ends_the_socket(wire: Any) -> None:
    await wire.send_text(" " * 20_000)
    assert (await wire.receive_output(3)) == {"type": "websocket.close", "code": 1009}


async def test_t3_the_same_channel_of_two_tenants_is_two_logs(in_tenant: Any, olive: Any, rival_schema: str) -> None:
    from apps.realtime.access import in_schema

    channel = f"user:{olive.pk}"
    await in_tenant(log.append, channel, "secret", {"harbour": 1})
    rival_id = await in_schema(rival_schema, log.append, channel, "secret", {"rival": 1})
    assert [event.id for event in await log.page(rival_schema, channel, 0)] == [rival_id]
    assert log.group(rival_schema, channel) != log.group(await in_tenant(schema_name), channel)


@pytest.fixture
def rival_schema(django_db_blocker: Any) -> str:
    from apps.tenants.models import Domain

    return str(Domain.objects.select_related("tenant").get(domain="rival.example").tenant.schema_name)


async def test_an_event_beyond_64_kb_is_refused_where_it_is_published(in_tenant: Any, olive: Any) -> None:
    with pytest.raises(log.EventTooLarge):
        await in_tenant(log.append, f"user:{olive.pk}", "log", {"message": "x" * 66_000})


async def test_t10_a_disabled_persons_socket_ends_within_five_seconds(
    socket: Any, ticket_of: Any, vera: Any, in_tenant: Any
) -> None:
    wire = await opened(socket, ticket_of(vera))
    await in_tenant(set_active, vera, False)
    assert (await wire.receive_output(5))["type"] == "websocket.close"
    await in_tenant(set_active, vera, True)


def set_active(user: Any, active: bool) -> None:
    type(user).objects.filter(pk=user.pk).update(is_active=active)


@pytest.mark.parametrize("origin", [{}, {"origin": "http://evil.example"}], ids=["none", "foreign"])
async def test_t18_a_good_session_opens_no_socket_but_from_its_own_pages(
    socket: Any, vera: Any, in_tenant: Any, origin: dict[str, str]
) -> None:
    session = await in_tenant(sign_in, vera)
    assert not await socket(cookie=f"sessionid={session}", **origin).connect()


async def test_t10_a_socket_ends_with_the_session_that_opened_it(
    socket: Any, vera: Any, in_tenant: Any, committed_tenant: Any
) -> None:
    session = await in_tenant(sign_in, vera)
    wire = socket(origin=f"http://{committed_tenant.host}", cookie=f"sessionid={session}")
    assert await wire.connect()
    await in_tenant(end_session, session)
    assert (await wire.receive_output(5))["type"] == "websocket.close"


def sign_in(user: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def end_session(key: str) -> None:
    from django.contrib.sessions.backends.db import SessionStore

    SessionStore(key).delete()


async def test_a_client_that_does_not_read_is_dropped_and_others_are_not(
    socket: Any, ticket_of: Any, olive: Any, in_tenant: Any, settings: Any
) -> None:
    settings.SOCKET_SEND_SECONDS = 0.3
    quick, slow = await opened(socket, ticket_of(olive)), await opened(socket, ticket_of(olive))
    channel = f"user:{olive.pk}"
    for each in (quick, slow):
        await each.say(type="subscribe", channel=channel)
        await each.hear()
    slow.output_queue._maxsize = 1  # nobody takes the second message
    ids = await append_more(in_tenant, channel, 0, 20)
    assert [event["id"] for event in await quick.hear_events(20)] == ids
    await asyncio.wait_for(asyncio.shield(slow.future), 3)


async def test_credentials_travel_as_json() -> None:
    credential = Credential(sign_in_id=uuid4())
    assert Credential.from_json(credential.as_json()) == credential
