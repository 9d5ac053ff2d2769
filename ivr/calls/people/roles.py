"""Roles: agents, supervisors, administrators."""

from __future__ import annotations

from typing import Literal

Role = Literal["agent", "supervisor", "admin"]
ROLES: tuple[Role, ...] = ("agent", "supervisor", "admin")
"""Each may do what those before it may."""
