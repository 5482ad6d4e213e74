"""Who counts as one caller."""

import ipaddress


def network(address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 that one household gets."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
