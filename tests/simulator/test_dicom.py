"""The simulated DICOM nodes can be broken at any moment of an association."""

import asyncio
import threading

from watchdog.simulator.dicom import node


def _reactors() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "run_reactor" in thread.name}


async def test_a_node_shut_before_its_peer_has_spoken_hangs_up_and_no_thread_dies() -> None:
    died: list[BaseException | None] = []
    before, threading.excepthook = threading.excepthook, lambda args: died.append(args.exc_value)
    others = _reactors()
    try:
        server = node("skane")
        reader, writer = await asyncio.open_connection("127.0.0.1", server.open())
        async with asyncio.timeout(10):
            while not _reactors() - others:
                await asyncio.sleep(0.01)
            await server.shut()
            assert await reader.read() == b""
            writer.close()
            while _reactors() - others:
                await asyncio.sleep(0.01)
        assert died == []
    finally:
        threading.excepthook = before
