"""A shop on 127.0.0.1: answers over real sockets, fails as told, and keeps what it was asked."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    """One answer; ``cut`` breaks the connection off in the middle of the body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"[]"
    cut: bool = False

    @classmethod
    def of(cls, value: Any, **headers: str) -> Answer:
        return cls(headers=headers, body=json.dumps(value).encode())


class HttpShop:
    """Serves ``answer`` (request to answer), unless a fault waits; ``before`` is called ahead of the nth request."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.faults: deque[Answer] = deque()
        self.before: dict[int, Callable[[], None]] = {}
        self.date: str | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def respond(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        self.before.get(len(self.asked), lambda: None)()
        return self.faults.popleft() if self.faults else self.answer(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                address = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                asked = Asked(address.path, dict(parse_qsl(address.query)), dict(self.headers), body)
                self.send(shop.respond(asked))

            do_GET = handle_any  # noqa: N815 (named by the library)
            do_POST = handle_any  # noqa: N815

            def date_time_string(self, timestamp: float | None = None) -> str:
                return shop.date or super().date_time_string(timestamp)  # type: ignore[arg-type]

            def send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
                if answer.cut:
                    self.wfile.flush()
                    # A reset, not an end.
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()

            def finish(self) -> None:
                try:
                    super().finish()
                except OSError:
                    return

            def log_message(self, *_args: Any) -> None:
                return

        return Handler
