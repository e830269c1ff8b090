"""The identity in requests: the agent, and the process that runs it."""

from __future__ import annotations

import re
import secrets
import socket
from dataclasses import dataclass

_MAX_ID_LENGTH = 64
_MAX_HOST_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Identity:
    """An agent and one process of it."""

    agent_id: str
    instance: str

    def fields(self) -> dict[str, str]:
        """As in requests."""
        return {"agent_id": self.agent_id, "instance": self.instance}


def host_name() -> str | None:
    """The name of this machine, for people; None if it has none."""
    return socket.gethostname()[:_MAX_HOST_LENGTH] or None


def new_identity(agent_id: str, *, per_process: bool) -> Identity:
    """A new identity for this process. ``per_process``: with its own id, such as ``writer@host-1a2b``."""
    instance = secrets.token_hex(5)
    return Identity(_own_id(agent_id, instance[:4]) if per_process else agent_id, instance)


def _own_id(agent_id: str, suffix: str) -> str:
    host = re.sub(r"[^A-Za-z0-9_.:-]", "-", host_name() or "host")
    room = max(0, _MAX_ID_LENGTH - len(agent_id) - len(suffix) - 2)
    return f"{agent_id}@{host[:room]}-{suffix}"
