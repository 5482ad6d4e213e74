"""The guard before every connection to the network: which addresses are of the open internet.

Addresses are typed in by people. Without a guard they would be a way into the network this site
runs in (server-side request forgery, CWE-918): its database, its neighbours, the service that
hands out the keys of the machine. So a name is resolved once, every address it resolves to is
checked, and the connection goes to exactly such an address; a second answer of the resolver is
never asked for.
"""

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

import httpcore

from directory.errors import SourceFailed
from directory.languages import gettext

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
Allowed = Callable[[Address, int], bool]

PORTS = (80, 443)
ADDRESSES_TRIED = 3

_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NEVER = [
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure answers its machines here, at an address that looks public.
        "192.0.0.0/24",  # Protocol assignments (RFC 6890), which Python opens in part.
        "192.88.99.0/24",  # Relays of 6to4 (RFC 7526).
        "2001::/23",  # Protocol assignments; Teredo (RFC 4380) is among them.
        "2001:db8::/32",
        "2002::/16",  # 6to4 (RFC 3056): leads to an IPv4 address of anybody's choice.
        "3fff::/20",
    )
]


class Refused(SourceFailed):
    """The guard did not let us ask; that says nothing about the address itself."""


class NotConnected(SourceFailed):
    """No trusted connection came about: unknown name, nobody there, or a bad certificate."""


def is_public(address: Address) -> bool:
    """Say whether an address is one of the open internet, also where it wraps another.

    An IPv4 address inside IPv6 counts as what it leads to (mapped, RFC 4291; NAT64, RFC 6052).
    All other wrappings (6to4, Teredo, IPv4-compatible, local NAT64 of RFC 8215, ISATAP) are out
    of use and refused, whatever they hold. So is everything IANA does not list as global.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        # ISATAP (RFC 5214) marks its addresses in the middle of a prefix that may be anybody's.
        if address not in _UNICAST or int(address) >> 32 & 0xFDFF_FFFF == 0x5EFE:
            return False
    special = address.is_multicast or address.is_reserved or any(address in n for n in _NEVER)
    return address.is_global and not special


def may_connect(address: Address, port: int) -> bool:
    """Say whether the client may connect: public addresses, and the ports of the web."""
    return port in PORTS and is_public(address)


def resolve(host: str, port: int) -> list[str]:
    """Return every address of a host, as the system resolves it; raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Deadline:
    """The moment at which a whole request, with its redirects, must be over."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def left(self, most: float | None) -> float:
        """Return the seconds that the next step may take; raises TimeoutException when over."""
        left = self._end - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if most is None else min(left, most)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let time pass that is not the other side's fault."""
        began = monotonic()
        yield
        self._end += monotonic() - began


class _Stream(httpcore.NetworkStream):
    """A connection that ends at the deadline, however slowly the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        # The name is still that of the address, so that the certificate is checked against it.
        left = self._deadline.left(timeout)
        try:
            secured = self._inner.start_tls(ssl_context, server_hostname, left)
        except httpcore.ConnectError as error:
            raise _not_trusted(server_hostname, error.__cause__) from error
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _not_trusted(host: str | None, cause: BaseException | None) -> NotConnected:
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = cause.verify_message.rstrip(".")
        return NotConnected(
            gettext(
                "The certificate of %(host)s cannot be trusted: %(reason)s.",
                host=host,
                reason=reason,
            )
        )
    return NotConnected(gettext("No secure connection to %(host)s came about.", host=host))


class Guard(httpcore.NetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, resolve: Resolve, allowed: Allowed, deadline: Deadline) -> None:
        self._resolve, self._allowed, self._deadline = resolve, allowed, deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve once, check every answer, and connect to the first that takes the call."""
        failure: Exception | None = None
        for address in self._checked(host, port, self._deadline.left(timeout)):
            try:
                stream = self._inner.connect_tcp(str(address), port, self._deadline.left(timeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._deadline)
        raise failure or httpcore.ConnectError("no address")

    def _checked(self, host: str, port: int, seconds: float) -> list[Address]:
        try:
            texts = _within(seconds, self._resolve, host, port)
            found = [ipaddress.ip_address(text) for text in texts]
        except (OSError, ValueError) as error:
            # A name can also be too long or too odd to be asked for, which is a ValueError.
            raise NotConnected(
                gettext("No site can be found under the name %(host)s.", host=host)
            ) from error
        if not all(self._allowed(address, port) for address in found):
            raise Refused(
                gettext(
                    "%(host)s is not on the open internet. This site asks public addresses only.",
                    host=host,
                )
            )
        return found[:ADDRESSES_TRIED]


def _within(seconds: float, resolve: Resolve, host: str, port: int) -> Sequence[str]:
    """Return what the resolver says; raises ConnectTimeout when it takes longer.

    The resolver of the system knows no time limit, so it is left behind in a thread of its own.
    """
    done: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put(resolve(host, port))
        except Exception as error:
            done.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        found = done.get(timeout=seconds)
    except queue.Empty:
        raise httpcore.ConnectTimeout from None
    if isinstance(found, Exception):
        raise found
    return found
