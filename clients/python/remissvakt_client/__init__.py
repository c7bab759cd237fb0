"""Reference client of Remissvakt's clinic status. Rules R3-R7 of the hazard analysis, and nothing else."""

from remissvakt_client.client import Client
from remissvakt_client.judge import Advice, Judge

__all__ = ["Advice", "Client", "Judge"]
