"""Whose certificates we believe over HTTPS: the public authorities, and the region's own beside them."""

import ssl
from pathlib import Path

import httpx


def authorities(ca_file: Path | None) -> ssl.SSLContext:
    """The public authorities of httpx, and those in the file. OSError if that cannot be used."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


def problem(ca_file: Path | None) -> str | None:
    """What is wrong with the file, if anything."""
    if ca_file is None:
        return None
    if not ca_file.is_file():
        return f"there is no file {ca_file}"
    try:
        authorities(ca_file)
    except OSError:  # an SSLError is one too
        return f"{ca_file} holds no certificate of an authority (PEM)"
    return None
