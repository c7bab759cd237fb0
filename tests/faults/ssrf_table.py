"""Sixty addresses that a notice must never reach, as somebody would write them (threat T07).

`{port}` is a port on which a trap listens, on every loopback address of IPv4 and IPv6; `{own}` is the
service's own port. Names are answered by `NAMES`, not by any real resolver. The production list of the
allow-list is `10.20.0.0/16`, ports 443, 8443 and `{port}`; nothing in the table is inside it over https.
"""

from dataclasses import dataclass

GOOD = "10.20.0.9"
"""A receiver that the production allow-list holds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One address, and why it is refused."""

    url: str
    why: str


def _rows(why: str, *urls: str) -> tuple[Row, ...]:
    return tuple(Row(url, why) for url in urls)


TABLE: tuple[Row, ...] = (
    *_rows(
        "loopback, plainly",
        "https://127.0.0.1:{port}/x",
        "https://127.0.0.2:{port}/x",
        "https://127.255.255.254:{port}/x",
        "https://localhost:{port}/x",
        "https://LOCALHOST:{port}/x",
        "https://[::1]:{port}/x",
        "https://[0:0:0:0:0:0:0:1]:{port}/x",
        "https://127.0.0.1/x",
    ),
    *_rows(
        "loopback, written as another number",
        "https://2130706433:{port}/x",
        "https://017700000001:{port}/x",
        "https://0x7f000001:{port}/x",
        "https://0x7f.0.0.1:{port}/x",
        "https://0177.0.0.1:{port}/x",
        "https://127.1:{port}/x",
        "https://127.0.1:{port}/x",
        "https://0:{port}/x",
        "https://127.0.0.1.:{port}/x",
        "https://00000177.00.00.01:{port}/x",
    ),
    *_rows(
        "an IPv4 address inside an IPv6 one",
        "https://[::ffff:127.0.0.1]:{port}/x",
        "https://[::ffff:7f00:1]:{port}/x",
        "https://[0:0:0:0:0:ffff:127.0.0.1]:{port}/x",
        "https://[::127.0.0.1]:{port}/x",
        "https://[64:ff9b::7f00:1]:{port}/x",
        "https://[::ffff:10.20.0.9]:443/x",
        "https://[2002:7f00:1::]:{port}/x",
    ),
    *_rows(
        "no address of anybody's",
        "https://0.0.0.0:{port}/x",
        "https://[::]:{port}/x",
        "https://255.255.255.255:{port}/x",
        "https://224.0.0.1:{port}/x",
        "https://[ff02::1]:{port}/x",
    ),
    *_rows(
        "link-local and metadata",
        "https://169.254.169.254/latest/meta-data",
        "https://169.254.1.1:{port}/x",
        "https://[fe80::1]:{port}/x",
        "https://[fe80::1%25lo]:{port}/x",
        "https://[fd00:ec2::254]/latest/meta-data",
        "https://2852039166/latest/meta-data",
        "https://metadata.inside.test/x",
    ),
    *_rows(
        "another host than it seems",
        "https://10.20.0.9@127.0.0.1:{port}/x",
        "https://10.20.0.9:443@127.0.0.1:{port}/x",
        "https://10.20.0.9%2f@127.0.0.1:{port}/x",
        "https://127.0.0.1:{port}?@10.20.0.9/x",
        "https://127.0.0.1:{port}#@10.20.0.9/x",
        "https://127.0.0.1:{port}\\@10.20.0.9/x",
        "https:127.0.0.1:{port}/x",
        "https:///127.0.0.1:{port}/x",
    ),
    *_rows(
        "a name that leads inside",
        "https://inside.test:{port}/x",
        "https://inside.test.:{port}/x",
        "https://INSIDE.TEST:{port}/x",
        "https://both.test:{port}/x",
        "https://mapped.test:{port}/x",
        "https://ⓘⓝⓢⓘⓓⓔ.test:{port}/x",
        "https://①②⑦.⓪.⓪.①:{port}/x",
        "https://127。0。0。1:{port}/x",
    ),
    *_rows(
        "another port, or another scheme",
        "https://10.20.0.9:22/x",
        "https://10.20.0.9:25/x",
        "https://10.20.0.9:99999/x",
        "https://[::1]:{own}/x",
        "http://10.20.0.9:{port}/x",
        "http://127.0.0.1:{own}/x",
        "ftp://10.20.0.9/x",
    ),
)

NAMES: dict[str, tuple[str, ...]] = {
    "localhost": ("127.0.0.1", "::1"),
    "inside.test": ("127.0.0.1",),
    "both.test": (GOOD, "127.0.0.1"),
    "mapped.test": ("::ffff:127.0.0.1",),
    "metadata.inside.test": ("169.254.169.254",),
    "good.test": (GOOD,),
}
