"""Where a webhook may go: to what a person registered, if that name leads outside.

A name must lead to a machine of a network; one that leads to this machine or to its own
link is refused, so that nobody reaches inside by changing a name's record.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx

from services.notifications.channels.base import ChannelError

IP = IPv4Address | IPv6Address


async def resolved(url: httpx.URL) -> str:
    """The one IP address to connect to, checked. Raises `ChannelError`."""
    if literal := _literal(url.host):
        return str(literal)  # registered as it is, so it is meant
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(
            url.host, url.port or 443, type=socket.SOCK_STREAM
        )
    except OSError:
        raise ChannelError("name-not-found", retry=True) from None
    addresses = [ip_address(each[4][0]) for each in found]
    if any(_is_ours(address) for address in addresses):
        raise ChannelError("name-leads-inside", retry=False)
    return str(addresses[0])


def _literal(host: str) -> IP | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_ours(address: IP) -> bool:
    plain = getattr(address, "ipv4_mapped", None) or address
    return bool(
        plain.is_loopback
        or plain.is_link_local
        or plain.is_multicast
        or plain.is_unspecified
        or plain.is_reserved
    )
