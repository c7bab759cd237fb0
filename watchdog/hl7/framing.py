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
        self._scanned = 0
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
        view = data
        while view:
            if not self._inside:
                start = view.find(START)
                self._outside(view if start < 0 else view[:start])
                if start < 0:
                    return out
                view = view[start + 1 :]
                self._inside, self._scanned = True, 0
                self._buffer.clear()
                continue
            self._buffer += view
            end = self._buffer.find(END, max(0, self._scanned - 1))
            if end < 0:
                self._scanned = len(self._buffer)
                if len(self._buffer) > self._limit:
                    out.append(Oversize(self._limit))
                    self._buffer.clear()
                    self._inside = False
                return out
            payload, view = bytes(self._buffer[:end]), bytes(self._buffer[end + 2 :])
            self._buffer.clear()
            self._inside = False
            if len(payload) > self._limit:
                out.append(Oversize(self._limit))
                return out
            self.unframed.clear()
            out.append(_classify(payload))
        return out

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
