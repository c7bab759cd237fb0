"""A configuration whose path through BizTalk has a tap on both sides."""

from tests.support.assembled import PATH


def tapped(text: str, per_min: float = 900) -> str:
    """`per_min` real orders are said to come."""
    head, tail = text.split(f"  {PATH}:", 1)
    tap = (
        f"    tap:\n      per_min: {per_min:g}\n"
        "      sent: {port: 0, peers: [127.0.0.0/8]}\n"
        "      arrived: {port: 0, peers: [127.0.0.0/8]}\n"
    )
    return f"{head}  {PATH}:" + tail.replace("    readers:\n", tap + "    readers:\n", 1)
