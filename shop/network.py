"""The network a shopper comes from, for the cap on checkouts kept open."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest

# One household or office holds a /64 of IPv6; neighbours in an IPv4 /24 share a cap
# that is generous enough for an office, and too small to empty the shop.
PREFIX = {4: 24, 6: 64}


def network_of(request: HttpRequest) -> str:
    """The /24 or /64 of REMOTE_ADDR as text, "unknown" without an address.

    Reads no forwarded-for header: anybody can write one. Whoever runs the shop behind
    a balancer makes the server put the shopper's address into REMOTE_ADDR.
    """
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    address = getattr(address, "ipv4_mapped", None) or address
    plain = address.compressed.partition("%")[0]  # without the zone of a link address
    network = ipaddress.ip_network(f"{plain}/{PREFIX[address.version]}", strict=False)
    return str(network)
