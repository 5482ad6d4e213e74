"""Web servers on loopback that answer as a test says, and clients that may reach only these."""

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from directory.imports.fetch import Fetcher, Pace
from directory.imports.guard import Address, may_connect

Reply = Callable[[BaseHTTPRequestHandler], None]


def says(status: int, body: bytes = b"", **headers: str) -> Reply:
    """Answer with a status, headers (`_` stands for a hyphen) and a body."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)

    return reply


def sends_on(to: str, status: int = 302) -> Reply:
    return says(status, Location=to)


def by_method(head: Reply, get: Reply) -> Reply:
    """Answer HEAD and GET differently."""
    return lambda request: (head if request.command == "HEAD" else get)(request)


class Site:
    """A server with pages by path, and what it was asked: (method, host, path, headers)."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Reply] = {}
        self.asked: list[tuple[str, str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.closing = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                host = headers.get("host", "").rpartition(":")[0]
                site.asked.append((self.command, host, self.path, headers))
                if length := int(headers.get("content-length", "0")):
                    site.bodies.append(self.rfile.read(length))
                self.close_connection = True
                site.pages.get(self.path, says(404))(self)

            do_HEAD = do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # A client that hangs up early is what many of these tests are about.

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.scheme = "https" if tls else "http"

    def url(self, path: str = "/", host: str = "site.example") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def methods(self) -> list[str]:
        return [method for method, *_ in self.asked]


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    site = Site(tls)
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        site.server.shutdown()
        thread.join()
        site.server.server_close()


def to_loopback(host: str, port: int) -> list[str]:
    """Resolve what ends in .example to this machine, and a literal to itself."""
    if host.endswith(".example"):
        return ["127.0.0.1"]
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        raise OSError(f"no such name: {host}") from None


def only(*sites: Site) -> Callable[[Address, int], bool]:
    """Return the usual rule, with these servers let through."""
    ports = {site.port for site in sites}
    return lambda address, port: (
        (str(address) == "127.0.0.1" and port in ports) or may_connect(address, port)
    )


def fetcher_for(*sites: Site, **more: Any) -> Fetcher:
    """Return a client that reaches these servers under any name of .example, and hurries."""
    given: dict[str, Any] = {
        "resolve": to_loopback,
        "allowed": only(*sites),
        "pace": Pace(0),
        "seconds": 5.0,
    }
    return Fetcher("https://directory.example", **(given | more))


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, Path]:
    """Return (what a server shows, what a client would have to trust) for a self-signed name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, file
