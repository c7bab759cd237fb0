"""Clinics of the sites that have systems of their own, and what they and the receiving units read."""

from typing import Any

from tests.support.world import World

NAL, LJUNGBY, SU = "nal_emergency", "ljungby_emergency", "su_dermatology"


async def told(world: World, clinic: str, scenario: str) -> dict[str, Any]:
    """What the clinic reads once that chapter of its routine is in force, for urgent referrals."""

    def in_force(answer: dict[str, Any]) -> bool:
        return bool(
            answer["instruction"] and answer["instruction"]["urgent"]["scenario"] == scenario
        )

    return await world.until(in_force, name=clinic)


async def unit_told(world: World, endpoint: str, kind: str = "advice_changed") -> dict[str, Any]:
    return (await world.hooked(kind, endpoint))["data"]
