"""Whether members of the team are masked too: said once by the profile, heard by every report of the command."""

from contextvars import ContextVar

_HIDDEN: ContextVar[bool] = ContextVar("hide_members", default=False)


def hide_members(hidden: bool) -> None:
    """Say whether members are masked where phones and e-mails are (``mask_members`` of the profile)."""
    _HIDDEN.set(hidden)


def members_hidden() -> bool:
    """Whether members are masked."""
    return _HIDDEN.get()
