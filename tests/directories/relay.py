"""A relay on loopback between a reader and a server that does what networks do: cuts off, or only trickles."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Weather:
    """How the server's answers get through: up to so many bytes, then no more; and one byte after such a pause."""

    cut_after: int | None = None
    pause: float = 0.0


@contextmanager
def relayed(host: str, port: int, weather: Weather, on: str = "127.0.0.1") -> Iterator[int]:
    """Yields the port, on this loopback address, of a relay to the server; it takes one connection."""
    with socket.create_server((on, 0)) as listening:
        ended = threading.Event()
        thread = threading.Thread(target=_relay, args=(listening, host, port, weather, ended))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            ended.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def _relay(listening: socket.socket, host: str, port: int, weather: Weather, ended: threading.Event) -> None:
    with suppress(OSError):
        near, _ = listening.accept()
        with near, socket.create_connection((host, port)) as far:
            up = threading.Thread(target=_forward, args=(near, far, Weather(), ended))
            up.start()
            _forward(far, near, weather, ended)
            for end in (near, far):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            up.join()


def _forward(source: socket.socket, sink: socket.socket, weather: Weather, ended: threading.Event) -> None:
    left = weather.cut_after
    source.settimeout(0.1)
    while not ended.is_set() and left != 0:
        try:
            data = source.recv(1 if weather.pause else min(4096, left or 4096))
        except TimeoutError:
            continue
        except OSError:
            return
        if not data:
            return
        if left is not None:
            left -= len(data)
        with suppress(OSError):
            sink.sendall(data)
        time.sleep(weather.pause)
