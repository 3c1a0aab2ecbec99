"""An ssh connection to a host: whom to trust, how long to wait, why there is none."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from typing import Any

import paramiko
from fabric import Config, Connection
from invoke.exceptions import CommandTimedOut, ThreadException

from bakery.deploy.fleet_file import Fleet, Host

CONNECT_SECONDS = 10
SILENCE_SECONDS = 15  # of a host that no longer acknowledges; then it counts as away
# What a connection that breaks off raises, there or in the threads that read from it.
LOST = (OSError, EOFError, paramiko.SSHException, CommandTimedOut, ThreadException)

# What paramiko says to all threads but one, where several are refused a session.
REFUSED = "Unable to open channel."

# It would tell of each connection that it makes.
logging.getLogger("paramiko").setLevel(logging.WARNING)


def connect(fleet: Fleet, host: Host) -> Connection:
    """An open connection to a host whose key is known. Raises one of LOST."""
    connection = Connection(
        host.address,
        user=fleet.user,
        port=host.ssh_port,
        connect_timeout=CONNECT_SECONDS,
        connect_kwargs=_identity(fleet),
        config=Config(overrides={"run": {"echo": False}, "load_ssh_configs": True}),
    )
    client = connection.client
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    if fleet.known_hosts:
        client.load_host_keys(str(Path(fleet.known_hosts).expanduser()))
    else:
        client.load_system_host_keys()
    connection.open()
    transport = client.get_transport()
    transport.set_keepalive(5)
    if isinstance(transport.sock, socket.socket):
        transport.sock.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_SECONDS * 1000
        )
    return connection


def _identity(fleet: Fleet) -> dict[str, Any]:
    common = {"banner_timeout": CONNECT_SECONDS, "auth_timeout": CONNECT_SECONDS}
    if not fleet.ssh_key:
        return common
    key = str(Path(fleet.ssh_key).expanduser())
    return common | {"key_filename": key, "allow_agent": False, "look_for_keys": False}


def is_only_refused(error: BaseException) -> bool:
    """No session more is opened, and those that are open go on."""
    return isinstance(error, paramiko.ChannelException) or str(error) == REFUSED


def in_words(error: BaseException, host: Host) -> str:
    """Why there is no connection, and what to do where something can be done."""
    where = f"{host.address} port {host.ssh_port}"
    if isinstance(error, CommandTimedOut):
        return f"no end of `{error.result.command[:200]}` after {error.timeout:.0f} s"
    if isinstance(error, paramiko.BadHostKeyException):
        return f"{where} shows another key than the known one: is it that machine?"
    if is_only_refused(error):
        return (
            f"{where} opens no more sessions on one connection: is MaxSessions in its "
            "sshd_config below 10, which is what ssh comes with?"
        )
    if "not found in known_hosts" in str(error):
        return (
            f"the key of {where} is not known. Compare it, then add it: "
            f"ssh-keyscan -p {host.ssh_port} {host.address} >> ~/.ssh/known_hosts"
        )
    if isinstance(error, paramiko.AuthenticationException):
        return f"{where} does not let us in: {error}"
    if isinstance(error, ThreadException):
        return f"{where} broke off: {_of_threads(error)}"
    return f"{where} does not answer over ssh: {error or type(error).__name__}"


def _of_threads(error: ThreadException) -> str:
    found = [f"{each.type.__name__}: {each.value}" for each in error.exceptions]
    return "; ".join(found)
