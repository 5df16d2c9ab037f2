"""
Airflow's metrics for Prometheus: takes what Airflow sends as StatsD (UDP, with tags), gives it at /metrics (HTTP).

    python metrics.py STATSD_PORT HTTP_PORT [HOST]

Counters become ``airflow_NAME_total``, gauges ``airflow_NAME``, timings a summary ``airflow_NAME_seconds``. The standard library
alone, so that it starts in a moment; on 127.0.0.1 unless another host is given. At most ``MOST_SERIES`` series are held; what
would be more is counted as dropped.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"
MOST_SERIES = 5_000
MOST_REQUEST_BYTES = 8 * 1024
REQUEST_SECONDS = 5.0
NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_]")

Labels = tuple[tuple[str, str], ...]


@dataclass
class Metrics:
    """What was told so far, by name and labels."""

    series: dict[tuple[str, str, Labels], list[float]] = field(default_factory=dict)
    lines: int = 0
    malformed: int = 0
    dropped: int = 0

    def tell(self, datagram: bytes) -> None:
        """Take a datagram of lines ``name,tag=value:number|kind``."""
        for line in datagram.decode("utf-8", "replace").splitlines():
            self.lines += 1
            try:
                self._take(line)
            except (ValueError, IndexError):
                self.malformed += 1

    def _take(self, line: str) -> None:
        told, _, rest = line.rpartition(":")
        number, kind, *sampled = rest.split("|")
        name, *tags = told.split(",")
        labels = tuple(sorted((label(key), value) for key, _, value in (tag.partition("=") for tag in tags)))
        value = float(number)
        if kind == "c":
            rate = float(sampled[0].removeprefix("@")) if sampled else 1.0
            self._series("counter", name, labels, [0.0])[0] += value / rate
        elif kind == "g":
            held = self._series("gauge", name, labels, [0.0])
            held[0] = held[0] + value if number[0] in "+-" else value
        elif kind == "ms":
            held = self._series("summary", name, labels, [0.0, 0.0])
            held[0] += value / 1000
            held[1] += 1
        else:
            raise ValueError(kind)

    def _series(self, kind: str, name: str, labels: Labels, zero: list[float]) -> list[float]:
        if not name:
            raise ValueError(name)
        key = (NOT_IN_A_NAME.sub("_", name), kind, labels)
        if key not in self.series and len(self.series) >= MOST_SERIES:
            self.dropped += 1
            return zero
        return self.series.setdefault(key, zero)

    def text(self) -> str:
        """Give everything in Prometheus' text format 0.0.4."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        before = None
        for (name, kind, labels), held in sorted(self.series.items()):
            shown = {"counter": f"{name}_total", "gauge": name, "summary": f"{name}_seconds"}[kind]
            if shown != before:
                yield f"# TYPE {shown} {kind}"
                before = shown
            if kind == "summary":
                yield f"{shown}_sum{braces(labels)} {held[0]!r}"
                yield f"{shown}_count{braces(labels)} {held[1]:.0f}"
            else:
                yield f"{shown}{braces(labels)} {held[0]!r}"
        for name, count in (("lines", self.lines), ("malformed", self.malformed), ("dropped", self.dropped)):
            yield f"# TYPE airflow_statsd_{name}_total counter"
            yield f"airflow_statsd_{name}_total {count}"


def label(name: str) -> str:
    """Make a name that may be a label's."""
    clean = NOT_IN_A_NAME.sub("_", name)
    return clean if clean and not clean[0].isdigit() else f"_{clean}"


def braces(labels: Labels) -> str:
    """Write labels, with what needs it escaped."""
    if not labels:
        return ""
    escaped = (value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for _, value in labels)
    return "{" + ",".join(f'{name}="{value}"' for (name, _), value in zip(labels, escaped, strict=True)) + "}"


class Listener(asyncio.DatagramProtocol):
    """Hands datagrams on."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take one."""
        self._metrics.tell(data)


async def answer(metrics: Metrics, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request and close."""
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), REQUEST_SECONDS)
        method, path, *_ = head.split(b" ", 2)
        known = method == b"GET" and path in (b"/metrics", b"/health")
        body = (metrics.text() if path == b"/metrics" else "ok\n").encode() if known else b"there is /metrics\n"
        writer.write(
            f"HTTP/1.1 {'200 OK' if known else '404 Not Found'}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        )
        writer.write(body)
        await asyncio.wait_for(writer.drain(), REQUEST_SECONDS)
    except (asyncio.TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        pass  # who asks like this gets no answer
    finally:
        writer.close()


async def serve(statsd_port: int, http_port: int, host: str = HOST) -> None:
    """Listen until ended."""
    metrics = Metrics()
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: Listener(metrics), local_addr=(host, statsd_port))
    server = await asyncio.start_server(
        lambda reader, writer: answer(metrics, reader, writer), host, http_port, limit=MOST_REQUEST_BYTES
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
