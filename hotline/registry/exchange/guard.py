"""Where a webhook may go. A supervisor types its address, so it must lead to no service of this
machine, nor to what a cloud tells its machines about themselves.

Private networks are allowed: city platforms live there. Loopback, link-local and the like need
to be named in ``exchange.local_hosts``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_METADATA = frozenset({ip_address("100.100.100.200"), ip_address("fd00:ec2::254")})
# Such addresses lead wherever the IPv4 address does that they carry.
_NAT64 = ip_network("64:ff9b::/96")
_LONGEST = 500


class BadAddress(ValueError):
    """A webhook may not go there; ``key`` says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Address:
    """A webhook's address, taken apart."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def target(self) -> str:
        """The path with its query, as it is signed."""
        parts = urlsplit(self.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def at(self, ip: str) -> str:
        """The same address with the host replaced by one of its numbers."""
        number = f"[{ip}]" if ":" in ip else ip
        return f"{self.scheme}://{number}:{self.port}{self.target}"


def read(url: str) -> Address:
    """The address that a text is. Raises :class:`BadAddress`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress("not_a_url") from error
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= _LONGEST
    if not plain or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadAddress("not_a_url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadAddress("url_with_login")
    usual = 443 if parts.scheme == "https" else 80
    return Address(url, parts.scheme, parts.hostname, usual if port is None else port)


def check_number(host: str, number: str, local_hosts: Collection[str]) -> None:
    """Refuse an address that a host's name led to, unless the configuration names either.

    Raises :class:`BadAddress`.
    """
    if host in local_hosts or number in local_hosts:
        return
    address = _inner(ip_address(number.partition("%")[0]))
    inward = (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or address.is_reserved
        or address in _METADATA
    )
    if inward:
        raise BadAddress("url_inward")


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
