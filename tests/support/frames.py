"""The bytes of a WebSocket client, decoded: its HTTP request, and its frames (RFC 6455)."""

from __future__ import annotations

from dataclasses import dataclass

NAMES = {0: "more", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}


@dataclass(frozen=True)
class Frame:
    """One frame as the client sent it, unmasked."""

    kind: str
    payload: bytes
    masked: bool
    plain: bool


def decode(data: bytes) -> tuple[str, list[Frame], bytes]:
    """Return the HTTP request, the frames after it, and what is left of a frame that was cut off."""
    head, _, rest = bytes(data).partition(b"\r\n\r\n")
    frames = []
    while (frame := _frame(rest)) is not None:
        frames.append(frame[0])
        rest = frame[1]
    return head.decode("ascii"), frames, rest


def _frame(data: bytes) -> tuple[Frame, bytes] | None:
    if len(data) < 2:
        return None
    first, second = data[0], data[1]
    length, at = second & 0x7F, 2
    if length > 125:
        wide = 2 if length == 126 else 8
        length, at = int.from_bytes(data[2 : 2 + wide], "big"), 2 + wide
    masked = bool(second & 0x80)
    mask = data[at : at + 4] if masked else bytes(4)
    at += 4 * masked
    if len(data) < at + length:
        return None
    payload = bytes(byte ^ mask[n & 3] for n, byte in enumerate(data[at : at + length]))
    plain = first & 0xF0 == 0x80  # a whole message, no extension bits
    return Frame(NAMES.get(first & 0x0F, "?"), payload, masked, plain), data[at + length :]
