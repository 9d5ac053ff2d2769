"""``ivr init FOLDER``: the words of the command line, and what is said at the end."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from ivr.cli.init.house import NAMES, Wanted, make


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr init`` may be told."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder, or an empty one")
    parser.add_argument(
        "--template", choices=sorted(NAMES), default="blank", help="what it begins with; default: blank"
    )
    parser.add_argument("--name", default=None, help="what callers hear when they are greeted")
    parser.add_argument(
        "--media", type=_address, default="127.0.0.1:9092", metavar="HOST:PORT",
        help="this machine, as Asterisk reaches it for sound; default: 127.0.0.1:9092",
    )  # fmt: skip
    parser.add_argument(
        "--manager", type=_address, default="127.0.0.1:5038", metavar="HOST:PORT",
        help="where Asterisk's manager interface listens; default: 127.0.0.1:5038",
    )  # fmt: skip
    parser.add_argument("--web-port", type=_port, default=8080, metavar="PORT", help="of the pages; default: 8080")
    parser.add_argument(
        "--number", type=_number, default="4000", help="the number in your dialplan that leads here; default: 4000"
    )


def run(asked: argparse.Namespace) -> int:
    """Make it, and say what to do next."""
    wanted = Wanted(asked.folder, asked.template, asked.name, asked.media, asked.manager, asked.web_port, asked.number)
    make(wanted)
    print(
        f"{asked.folder} is a house of its own, and callers hear that it is called {wanted.called!r}. Go into it, and then:\n\n"
        "  ivr check        what is wrong in its settings and dialogues, if anything\n"
        "  ivr talk         its first call, by typing\n\n"
        f"{asked.folder / 'README.md'} has the rest of the way, to a call through your Asterisk."
    )
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 1 to 65535")
    return int(text)


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not re.fullmatch(r"[0-9A-Za-z.-]+|\[[0-9A-Fa-f:]+\]", host):
        raise argparse.ArgumentTypeError(f"{text!r} is no address: HOST:PORT, as 127.0.0.1:9092")
    _port(port)
    return text


def _number(text: str) -> str:
    if not re.fullmatch(r"[+]?[0-9]{1,20}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number that can be dialled: digits, as 4000")
    return text
