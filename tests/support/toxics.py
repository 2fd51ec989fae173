"""What `tests.support.fault_proxy.FaultProxy` can do to a connection, named as Toxiproxy names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stream = Literal["upstream", "downstream"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Toxic:
    """A fault on one direction; each object stands for itself, so that equal ones can be told apart."""

    stream: Stream = "downstream"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latency(Toxic):
    """Everything comes `latency_ms` later, give or take `jitter_ms`; the order stays."""

    latency_ms: float
    jitter_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bandwidth(Toxic):
    """No more than `rate_kb` kilobytes a second."""

    rate_kb: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slicer(Toxic):
    """Cuts into pieces of `size` bytes, give or take `variation`, with `delay_ms` after each."""

    size: int
    variation: int = 0
    delay_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SlowClose(Toxic):
    """The end of a connection comes `delay_ms` late."""

    delay_ms: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timeout(Toxic):
    """Nothing gets through any more; closed after `timeout_ms`, or with 0 never (a peer that is gone)."""

    timeout_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResetPeer(Toxic):
    """Reset (RST) after `timeout_ms`, or once `after_bytes` more bytes have passed."""

    timeout_ms: float = 0.0
    after_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LimitData(Toxic):
    """Closed after `limit_bytes` more bytes have passed."""

    limit_bytes: int
