"""The one way out: what connectors may reach."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

import pytest

from apps.connectors.sdk import ConnectorError, EgressPolicy

LOOPBACKS = [
    # IPv4, as people and resolvers write it
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "127.127.127.127", "0", "0.0.0.0", "0x7f.1", "0x7f000001",
    "0x7f.0x0.0x0.0x1", "0177.0.0.1", "0177.1", "017700000001", "2130706433", "0x7F000001", "127.0.0.1.", "127.0.0x1",
    "127.00.00.01", "0000177.0.0.1", "127.0.0.01",
    # IPv6 and IPv4 inside it
    "::1", "[::1]", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::", "[::]", "::ffff:127.0.0.1",
    "[::ffff:127.0.0.1]", "::ffff:7f00:1", "::FFFF:7F00:0001", "0:0:0:0:0:ffff:127.0.0.1", "::127.0.0.1", "::7f00:1",
    "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:7f00:0001::1",
    "::ffff:0:127.0.0.1", "::ffff:0:7f00:1", "2001:0:53aa:64c:0:0:80ff:fffe",
    # names
    "localhost", "LOCALHOST", "localhost.", "LocalHost", " localhost ", "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "１２７.０.０.１",  # noqa: E501
    "127。0。0。1",
    # other places that are ours
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "[fe80::1]", "fd00::1", "fec0::1",
    "100.64.0.1", "198.18.0.1", "192.0.0.170", "168.63.129.16", "224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1",
    "2001:db8::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "[::ffff:10.0.0.1]",
]  # fmt: skip


def resolves_to(*addresses: str) -> EgressPolicy:
    return EgressPolicy(resolver=lambda host, port: addresses)  # noqa: ARG005


@pytest.mark.parametrize("host", LOOPBACKS)
def test_t26_no_spelling_of_a_private_address_passes(host: str) -> None:
    assert len(LOOPBACKS) >= 60
    with pytest.raises(ConnectorError) as refused:
        EgressPolicy().check(host, 80)
    assert refused.value.code in ("egress_blocked", "host_not_found")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1%eth0"]
)
def test_t26_a_public_name_that_resolves_to_a_private_address_is_blocked(address: str) -> None:
    with pytest.raises(ConnectorError, match="not a public address") as refused:
        resolves_to(address).check("harmless.example", 443)
    assert refused.value.code == "egress_blocked"
    assert "allowlist" in refused.value.remedy


def test_one_private_answer_condemns_the_name() -> None:
    with pytest.raises(ConnectorError):
        resolves_to("93.184.216.34", "127.0.0.1").check("mixed.example", 443)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_public_addresses_pass(address: str) -> None:
    endpoint = resolves_to(address).check("Example.COM", 443)
    assert (endpoint.host, endpoint.port) == ("example.com", 443)
    assert ipaddress.ip_address(endpoint.address) == ipaddress.ip_address(address)


def test_t25_dns_rebinding() -> None:
    """The name is asked once; what is connected to is the answer that was judged."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    asked: list[str] = []

    def fickle(host: str, port: int) -> Iterable[str]:
        asked.append(host)
        return next(answers)

    endpoint = EgressPolicy(resolver=fickle).check("rebind.example", 80)
    assert endpoint.address == "93.184.216.34"
    assert asked == ["rebind.example"]


def test_the_operator_allows_by_host_and_port_alone() -> None:
    policy = EgressPolicy("127.0.0.1:5432, db.internal:5433,[::1]:6000", resolver=lambda host, port: ["127.0.0.1"])  # noqa: ARG005
    assert policy.check("localhost", 5432).address == "127.0.0.1"
    assert policy.check("db.internal", 5433).address == "127.0.0.1"
    for host, port in (("localhost", 5431), ("db.internal", 5434), ("other.internal", 5433)):
        with pytest.raises(ConnectorError):
            policy.check(host, port)


def test_of_two_addresses_the_allowed_one_is_taken() -> None:
    policy = EgressPolicy("127.0.0.1:5432", resolver=lambda host, port: ["::1", "127.0.0.1"])  # noqa: ARG005
    assert policy.check("localhost", 5432).address == "127.0.0.1"


@pytest.mark.parametrize(
    "host", ["", " ", "a b", "a/b", "a@b", "a\nb", "a,b", "/var/run/postgresql", "@abstract", "a%00b", "x" * 254, "-a"]
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ConnectorError):
        resolves_to("93.184.216.34").check(host, 80)


def test_a_name_that_does_not_resolve_says_so() -> None:
    def nowhere(host: str, port: int) -> Iterable[str]:
        raise socket.gaierror("no such host")

    with pytest.raises(ConnectorError) as refused:
        EgressPolicy(resolver=nowhere).check("nowhere.example", 80)
    assert refused.value.code == "host_not_found"


@pytest.mark.parametrize("entry", ["localhost", "localhost:", ":80", "localhost:http"])
def test_a_wrong_allowlist_is_found_at_once(entry: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        EgressPolicy(entry)
