"""Which addresses of the network are those of the open internet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")
_PROTOCOLS = IPv4Network("192.0.0.0/24")
"""For protocols between machines (RFC 6890), all of it: 192.0.0.192 is where one cloud tells its machines their secrets."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, whatever it is wrapped into; ValueError when it is none."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            inside = IPv4Address(found.packed[-4:])
        if inside is not None:
            return is_public(str(inside))
        if found.is_site_local:
            return False
    if isinstance(found, IPv4Address) and found in _PROTOCOLS:
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)
