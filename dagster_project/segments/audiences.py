"""Which other systems a segment is for: the key `audiences` of a segment file.

What the files for them look like and who may be in them lives in the layer ``activation``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

PlatformName = Literal["email", "google_ads", "meta_ads"]
PLATFORM_NAMES: tuple[str, ...] = get_args(PlatformName)


class Audience(BaseModel):
    """A platform that gets the segment; with a purpose only those who allowed the channel for that purpose.

    Whoever ordered in the last ``quiet_days_after_order`` days, or is in one of the segments ``unless_in``, is spared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: PlatformName
    purpose: (
        Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=100)] | None
    ) = None
    quiet_days_after_order: int = Field(3, ge=0, le=365)
    unless_in: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _by_name_alone(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"platform": value}
        if not isinstance(value, dict):
            message = "write a platform such as email, or {platform: email, purpose: newsletter}"
            raise ValueError(message)  # noqa: TRY004 (pydantic words a ValueError, not a TypeError)
        return value


def each_once(audiences: tuple[Audience, ...]) -> tuple[Audience, ...]:
    """The audiences as they are.

    Raises:
        ValueError: a platform stands twice.
    """
    names = [audience.platform for audience in audiences]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        message = f"{twice[0]} stands twice; keep one"
        raise ValueError(message)
    return audiences
