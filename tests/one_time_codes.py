"""What an authenticator app shows (RFC 6238), without the shop's own code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time

PERIOD = 30  # seconds


def code_of(key: str, steps: int = 0) -> str:
    """The code now, or so many half minutes later."""
    counter = struct.pack(">Q", int(time.time()) // PERIOD + steps)
    digest = hmac.new(base64.b32decode(key), counter, hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
