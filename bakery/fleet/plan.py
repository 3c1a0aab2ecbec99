"""What a local fleet shall be like."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Chosen once, when the fleet is started. A port of 0 means any free one."""

    name: str = "local"
    port: int = 0
    balance: str = "load"
    workers: int = 2  # processes of each clone
    threads: int = 4  # of each process
    pictures: bool = True  # without the demo's pictures it is up much sooner
    steerable: bool = False  # for proofs: requests may choose their clone
    requests_per_10s: int = 5000  # of one network address
