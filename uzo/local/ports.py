"""Ports on this machine: finding free ones, and saying who holds a taken one."""

from __future__ import annotations

import socket

import psutil

from uzo.local.errors import LocalError

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen there now (a port whose old connections linger counts as free)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port(preferred: int | None = None) -> int:
    """The preferred port if it is an ordinary one and free, else one that the system picks."""
    if preferred and preferred > 1023 and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def holder(port: int) -> str | None:
    """Who listens there, as "name (process 123)"; None where the system does not tell."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
            except psutil.NoSuchProcess:
                return None
    return None


def require_free(port: int, *, setting: str) -> None:
    """Raise LocalError if the port is taken; `setting` names the variable that chooses another."""
    if is_free(port):
        return
    who = holder(port) or "another program"
    raise LocalError(
        f"Port {port} is in use by {who}.",
        remedy=f"Stop that program, or choose another port: {setting}={free_port()} make run",
    )
