"""The words of ``ivr person``."""

from __future__ import annotations

import argparse


def person_words(person: argparse.ArgumentParser) -> None:
    """What may be said of somebody; whatever is left out stays as it is."""
    person.add_argument("login", help="login name, for example ana")
    person.add_argument("--name", default=None, help="as callers and colleagues see it; needed for somebody new")
    person.add_argument("--role", choices=("agent", "supervisor", "admin"), default=None, help="default: agent")
    person.add_argument("--interface", default=None, help="what Asterisk rings, for example PJSIP/1001")
    person.add_argument("--queues", default=None, help="comma-separated, as in dialplans/*.toml")
    person.add_argument("--languages", default=None, help="comma-separated, default en")
    person.add_argument("--skills", default=None, help="comma-separated SKILL=1…10")
    person.add_argument("--region", default=None, help="where they know their way; empty: nowhere")
    person.add_argument("--may", default=None, metavar="AMOUNT", help="may give away so much in a call, for example 50")
    person.add_argument("--may-a-day", default=None, metavar="AMOUNT", help="… and so much in a day, for example 500")
    person.add_argument("--may-as-all", action="store_true", help="as much as all ([offers] in config.toml)")
    person.add_argument("--no-phone", action="store_true", help="calls do not reach them any more")
    person.add_argument("--password", action="store_true", help="give them a new one (asked for, or from IVR_PASSWORD)")
    person.add_argument("--no-password", action="store_true", help="none: they come in by OIDC only")
    activity = person.add_mutually_exclusive_group()
    activity.add_argument("--active", action="store_true", default=None, help="they may sign in again")
    activity.add_argument("--inactive", dest="active", action="store_false", help="they may not sign in any more")
