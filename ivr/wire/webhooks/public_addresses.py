"""Which addresses of the network are those of the open internet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")
_CLOSED = (
    # for protocols between machines (RFC 6890), all of it: 192.0.0.192 is where one cloud tells its machines their secrets
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, given up (RFC 7526): whoever answers there is nobody's host
    IPv6Network("2001::/32"),  # Teredo (RFC 4380): a tunnel through a server that the address names
)
"""What the standard library takes for open, or for what is wrapped into it."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, whatever it is wrapped into; ValueError when it is none."""
    found = ip_address(address)
    if any(found in network for network in _CLOSED if network.version == found.version):
        return False
    if isinstance(found, IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inside = IPv4Address(found.packed[-4:])
        if inside is not None:
            return is_public(str(inside))
        if found.is_site_local:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)
