"""The one way out: which addresses connectors may reach.

A name is resolved once, every answer is judged, and the caller connects to the address that was judged,
not to the name: a name that resolves differently a moment later gains nothing (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from apps.connectors.sdk.errors import failure

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Iterable[str]]

_FORBIDDEN: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
        "::/128", "::1/128", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
        "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_NAME: Final = re.compile(r"^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*$")
_MAPPED: Final = ipaddress.ip_network("::ffff:0:0/96")
_TRANSLATED: Final = ipaddress.ip_network("::ffff:0:0:0/96")
_COMPATIBLE: Final = ipaddress.ip_network("::/96")
_NAT64: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_SIX_TO_FOUR: Final = ipaddress.ip_network("2002::/16")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to go: `host` names the server (for TLS and Host headers), `address` is where to connect."""

    host: str
    port: int
    address: str


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def embedded_v4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, in any of the ways to write one inside the other."""
    number = int(address)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address(number >> 80 & 0xFFFF_FFFF)
    if any(address in network for network in (_MAPPED, _TRANSLATED, _COMPATIBLE, *_NAT64)):
        return ipaddress.IPv4Address(number & 0xFFFF_FFFF)
    return None


def is_public(address: Address) -> bool:
    """Whether anyone on the internet may be meant by it, tunnels and mappings looked through."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = embedded_v4(address)
        if inner is not None:
            return address not in _NAT64[1] and is_public(inner)
    if any(address.version == network.version and address in network for network in _FORBIDDEN):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class EgressPolicy:
    """Refuses private, loopback, link-local, multicast, reserved and metadata addresses.

    `allow` are exceptions of the operator, `host:port` each (`[v6]:port` for IPv6): a name is compared with
    the name that was asked for, an address also with what a name resolved to.
    """

    def __init__(self, allow: str | Iterable[str] = (), *, resolver: Resolver = _resolve) -> None:
        entries = allow.split(",") if isinstance(allow, str) else allow
        self._allow = frozenset(_entry(entry) for entry in entries if entry.strip())
        self._resolver = resolver

    def check(self, host: str, port: int) -> Endpoint:
        """The address to connect to. Raises `egress_blocked`, `host_not_found`."""
        name = _normal(host)
        if not 1 <= port <= 65_535:
            raise failure("egress_blocked", f"port {port} is not a port")
        try:
            answers = [ipaddress.ip_address(answer.split("%")[0]) for answer in self._resolver(name, port)]
        except (OSError, UnicodeError) as error:
            raise failure("host_not_found", f"the host {name!r} cannot be resolved") from error
        if not answers:
            raise failure("host_not_found", f"the host {name!r} has no address")
        excepted = [answer for answer in answers if self._excepted(name, answer, port)]
        if excepted:
            return Endpoint(name, port, str(excepted[0]))
        # One private answer among public ones condemns the name: whoever owns it chose that answer.
        blocked = [answer for answer in answers if not is_public(answer)]
        if blocked:
            raise failure("egress_blocked", f"{name}:{port} is not a public address")
        return Endpoint(name, port, str(answers[0]))

    def _excepted(self, name: str, answer: Address, port: int) -> bool:
        return (name, port) in self._allow or (str(answer), port) in self._allow


def _entry(text: str) -> tuple[str, int]:
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"an entry of the egress allowlist is host:port, not {text!r}")
    return _normal(host), int(port)


def _normal(host: str) -> str:
    """A host in one spelling: an address as Python writes it, or a lower-case ASCII name."""
    text = host.strip().removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        text = text.encode("idna").decode("ascii").lower().removesuffix(".") if not text.isascii() else text.lower()
    except UnicodeError as error:
        raise failure("host_not_found", "the host is not a name") from error
    text = text.removesuffix(".")
    if not _NAME.match(text):
        raise failure("egress_blocked", "the host is neither a name nor an address")
    return text
