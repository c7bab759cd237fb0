"""A client of the event stream counts an event when it is whole, and only the one that it waits for."""

import asyncio

from bench.streams import Client, request

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
OUTAGE = b'20\r\nevent: status\r\ndata: {"state":"outage"}\r\n\r\n\r\n'


def test_half_an_event_is_not_heard_yet() -> None:
    client = Client(b"")
    client.want("outage")
    client.data_received(HEAD + OUTAGE[:-6])
    assert client.at == 0
    client.data_received(OUTAGE[-6:])
    assert client.at > 0


def test_another_state_and_a_heartbeat_are_not_what_it_waits_for() -> None:
    client = Client(b"")
    client.want("normal")
    client.data_received(HEAD + OUTAGE + b"c\r\n: ping\r\n\r\n\r\n")
    assert client.at == 0


async def test_only_the_first_event_of_a_change_counts() -> None:
    client = Client(b"")
    client.want("outage")
    client.data_received(HEAD + OUTAGE)
    first = client.at
    client.data_received(OUTAGE)
    await asyncio.wait_for(client.heard(), 1)
    assert client.at == first


def test_the_stream_of_one_clinic_is_asked_for() -> None:
    assert request("a_clinic", "127.0.0.1:1").startswith(
        b"GET /v1/events?clinic=a_clinic HTTP/1.1\r\n"
    )
