"""MLLP framing on bytes alone: any chunking of the same bytes gives the same frames.

0x0B payload 0x1C 0x0D (order-path.md, section 3). Bytes outside frames are counted and ignored.
Release 2 commit blocks (0B 06 1C 0D, 0B 15 1C 0D) come out as `Commit`.
"""

from dataclasses import dataclass

VT, FS, CR = 0x0B, 0x1C, 0x0D
START = bytes([VT])
END = bytes([FS, CR])
COMMIT_ACK, COMMIT_NAK = b"\x06", b"\x15"


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole message, without its frame bytes."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """A Release 2 commit block: the peer stored the bytes (`accepted`), or could not."""

    accepted: bool


@dataclass(frozen=True, slots=True)
class Oversize:
    """The frame being received passed the limit: the connection has to be closed."""

    limit: int


class FrameDecoder:
    """Feed it bytes as they come; it returns what they complete. Holds at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._inside = False
        self.noise = 0
        """Bytes seen outside frames."""
        self.unframed = bytearray()
        """The first bytes of the noise since the last frame, to recognise an unframed answer."""

    @property
    def inside(self) -> bool:
        """True while a frame has begun and not ended."""
        return self._inside

    def feed(self, data: bytes) -> list[Frame | Commit | Oversize]:
        """The frames that `data` completes. After an Oversize nothing more is decoded."""
        out: list[Frame | Commit | Oversize] = []
        at = 0  # an offset: copying what is left at every frame would cost its square
        while at < len(data):
            if not self._inside:
                start = data.find(START, at)
                self._outside(data[at:] if start < 0 else data[at:start])
                if start < 0:
                    return out
                at, self._inside = start + 1, True
                continue
            end = self._end(data, at)
            if end is None:
                self._buffer += data[at:]
                if len(self._buffer) > self._limit:
                    out.append(self._oversize())
                return out
            self._buffer += data[at : max(at, end - len(END))]
            at = end
            if len(self._buffer) > self._limit:
                out.append(self._oversize())
                return out
            out.append(_classify(bytes(self._buffer)))
            self._buffer.clear()
            self._inside = False
            self.unframed.clear()
        return out

    def _end(self, data: bytes, at: int) -> int | None:
        """Where in `data` what follows the frame begins; its end may have begun in the last read."""
        if data[at] == CR and self._buffer.endswith(bytes([FS])):
            del self._buffer[-1]
            return at + 1
        found = data.find(END, at)
        return None if found < 0 else found + len(END)

    def _oversize(self) -> Oversize:
        self._buffer.clear()
        self._inside = False
        return Oversize(self._limit)

    def _outside(self, data: bytes) -> None:
        self.noise += len(data)
        room = 4096 - len(self.unframed)
        if room > 0:
            self.unframed += data[:room]


def _classify(payload: bytes) -> Frame | Commit:
    if payload == COMMIT_ACK:
        return Commit(accepted=True)
    if payload == COMMIT_NAK:
        return Commit(accepted=False)
    return Frame(payload)


def frame(payload: bytes) -> bytes:
    """The payload as one frame. ValueError if it holds a frame byte (threat T02)."""
    if VT in payload or FS in payload:
        raise ValueError("an MLLP payload may not hold 0x0B or 0x1C: it would break the frame")
    return START + payload + END
