"""Issues serial numbers for printed forms; the range is stored before the paper exists."""

import structlog

from watchdog.clock import Clock
from watchdog.errors import StorageError
from watchdog.forms.serial import clinic_code, pack_number, serial
from watchdog.storage import serials
from watchdog.storage.engine import Database
from watchdog.storage.serials import SerialRange
from watchdog.within import within

log = structlog.get_logger()
TRIES, ANSWER_S = 20, 2.0


class Serials:
    """Numbers of this installation; the database only guards what the numbers already are: unique."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._last: dict[str, int] = {}

    async def issue(self, clinic: str, count: int, by: str) -> tuple[list[str], bool]:
        """`count` numbers of one pack, and whether the range is stored.

        Without a database the numbers are unique as far as one process issues one pack of a clinic
        each second; the caller says that they are not recorded.
        """
        code, now = clinic_code(clinic), self._clock.now()
        pack = max(pack_number(now), self._last.get(clinic, 0) + 1)
        for _ in range(TRIES):
            self._last[clinic] = pack
            numbers = [serial(clinic, pack, running) for running in range(count)]
            made = SerialRange(
                clinic_code=code,
                pack=pack,
                clinic=clinic,
                count=count,
                first=numbers[0],
                last=numbers[-1],
                at=now,
                by=by,
            )
            try:
                if await within(ANSWER_S, serials.add(self._database, made)):
                    return numbers, True
            except StorageError as error:
                log.warning("serials_not_stored", clinic=clinic, error=str(error))
                return numbers, False
            pack += 1  # another process was quicker this second
        raise StorageError(f"No free pack number was found for {clinic}: {TRIES} are taken.")
