"""Where webhooks may be sent: to public addresses over HTTPS, and to what the operator allows.

Whoever may subscribe must not be able to make this service ask machines that only it can reach.
"""

import re
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, urlsplit

import msgspec

from fiscus.model.faults import Code, Refused

BAD_URL = Code(
    "WEBHOOK-URL-01",
    "the address of an endpoint is `https://host/path`, in ASCII, without user, password and "
    "fragment",
)
NOT_HTTPS = Code(
    "WEBHOOK-URL-02",
    "an endpoint is reached over HTTPS; HTTP only where the operator has allowed it in "
    "FISCUS_WEBHOOK_PRIVATE_TARGETS",
)
NOT_PUBLIC = Code(
    "WEBHOOK-URL-03",
    "this address is not public: the operator has to allow it in FISCUS_WEBHOOK_PRIVATE_TARGETS",
)

URL_MAX = 2048
_VISIBLE = re.compile("[!-~]+", re.ASCII)
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9.])?", re.ASCII)
_PORTS = {"https": 443, "http": 80}

IpAddress = IPv4Address | IPv6Address

_SPECIAL_V4 = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
"""IANA's registry of special addresses, and multicast. Not `is_global`: what that says differs
between versions of Python."""

_PUBLIC_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(
    IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
"""Within the public ones: tunnels that hold an IPv4 address, benchmarks, documentation."""


class EndpointAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint's address, taken apart. `target` is path and query as they are sent, `authority`
    what the header Host says."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class PrivateTargets(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator allows besides public addresses: networks, and hosts with their port,
    wherever these are."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    places: frozenset[tuple[str, int]] = frozenset()

    def has(self, endpoint: EndpointAddress) -> bool:
        return (endpoint.host, endpoint.port) in self.places

    def covers(self, address: IpAddress) -> bool:
        return any(
            address in network for network in self.networks if network.version == address.version
        )


def allowed(said: str) -> PrivateTargets:
    """The setting: networks such as `10.0.0.0/8` and places such as `ledger.lan:8080`, apart by
    commas. Raises `ValueError`."""
    networks, places = [], set()
    for one in (part.strip().lower() for part in said.split(",")):
        host, _, port = one.rpartition(":")
        if not one:
            continue
        if "/" not in one and _HOST.fullmatch(host) and port.isdecimal():
            places.add((host, _port(int(port))))
        elif host.startswith("[") and host.endswith("]") and port.isdecimal():
            places.add((str(IPv6Address(host[1:-1])), _port(int(port))))
        else:
            networks.append(ip_network(one))
    return PrivateTargets(networks=tuple(networks), places=frozenset(places))


def _port(number: int) -> int:
    if not 1 <= number <= 65535:
        raise ValueError(f"{number} is no port")
    return number


def endpoint(url: str, private: PrivateTargets) -> EndpointAddress:
    """The address of an endpoint that a subscription may have, as far as its words tell; names are
    looked up when something is sent. Raises `Refused`."""
    found = _parsed(url)
    is_listed = private.has(found)
    literal = _literal(found.host)
    if literal is not None and not is_listed and not may_reach(literal, private):
        raise Refused(NOT_PUBLIC, "endpoint_url")
    if found.scheme == "http" and not (is_listed or private.networks):
        raise Refused(NOT_HTTPS, "endpoint_url")
    return found


def _parsed(url: str) -> EndpointAddress:
    if len(url) > URL_MAX or not _VISIBLE.fullmatch(url) or "\\" in url:
        raise Refused(BAD_URL, "endpoint_url")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if ":" in host:
            host = str(IPv6Address(host))
    except ValueError:
        raise Refused(BAD_URL, "endpoint_url") from None
    if not _is_plain(parts, host, port):
        raise Refused(BAD_URL, "endpoint_url")
    query = f"?{parts.query}" if parts.query else ""
    return EndpointAddress(
        scheme=parts.scheme,
        host=host,
        port=port or _PORTS[parts.scheme],
        target=f"{parts.path or '/'}{query}",
    )


def _is_plain(parts: SplitResult, host: str, port: int | None) -> bool:
    is_host = bool(_HOST.fullmatch(host)) or ":" in host
    return (
        parts.scheme in _PORTS
        and is_host
        and port != 0
        and "@" not in parts.netloc
        and "%" not in parts.netloc
        and not parts.fragment
    )


def _literal(host: str) -> IpAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_public(address: IpAddress) -> bool:
    """Whether anybody in the internet can reach this address. What holds an IPv4 address counts as
    that one if machines take it so, and as not public if it is a tunnel's."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        is_special = any(address in network for network in _SPECIAL_V6)
        return address in _PUBLIC_V6 and address.scope_id is None and not is_special
    return not any(address in network for network in _SPECIAL_V4)


def may_reach(address: IpAddress, private: PrivateTargets) -> bool:
    """Whether something may be sent to this address: it is public, or in a network that the
    operator allows."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return is_public(address) or private.covers(mapped or address)


def checked(
    endpoint: EndpointAddress, found: Iterable[str], private: PrivateTargets
) -> tuple[IpAddress, ...]:
    """The addresses that a name was found to have, if each of them may be reached: a name that has
    one inside is not trusted with the others. Raises `Refused`."""
    addresses = tuple(ip_address(one) for one in found)
    if private.has(endpoint):
        return addresses
    is_plain = endpoint.scheme == "http"
    for address in addresses:
        if not may_reach(address, private):
            raise Refused(NOT_PUBLIC, "endpoint_url")
        if is_plain and not private.covers(address):
            raise Refused(NOT_HTTPS, "endpoint_url")
    return addresses
