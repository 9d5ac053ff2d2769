"""The command line: ``ivr COMMAND …``. A command's module is loaded when that command is asked for, and no other."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

import ivr
from ivr.cli.group import add_config
from ivr.cli.words import Words
from ivr.core.told import Told, leaves, problems_of
from ivr.server.process import interrupts


@dataclass(frozen=True, slots=True)
class Command:
    """One command; its module has ``add_arguments(parser)`` and ``run(asked) -> int``, the exit code."""

    name: str
    text: str
    module: str
    configured: bool = True
    """Whether it takes ``--config`` itself; groups leave that to what they are made of."""


COMMANDS = (
    Command("serve", "run the server until Ctrl-C or SIGTERM", "serve"),
    Command("init", "make a house of your own in a new folder", "init.command", configured=False),
    Command("demo", "fill an empty database with the sample shop: customers, agents, books, calls", "demo.command"),
    Command("check", "check config.toml and the dialogues, without starting anything", "check"),
    Command("graph", "draw the dialogue as a picture (SVG)", "graph.draw"),
    Command("doctor", "check everything that the server needs: Asterisk, queues, speech, database", "doctor"),
    Command("talk", "play a dialogue in the terminal, by typing, as any customer", "talk"),
    Command("say", "let the machine's voice say something, into a WAV file", "voice.say"),
    Command("import", "load customers or their history from CSV files", "people.importing"),
    Command("person", "add somebody who may sign in, or change what the options name", "people.person"),
    Command("people", "list everybody who may sign in", "people.list"),
    Command("report", "what finished calls say of the dialogue, of routing and of the cards", "report"),
    Command("records", "contacts that are not in the database: show them, write them again", "records"),
    Command("customer", "show, set or delete what is kept of how a customer calls", "people.customers"),
    Command(
        "person-data",
        "give out or erase all that is kept of a person; what is kept where, and how long",
        "people.person_data",
    ),
    Command("replay", "replay a corpus of recorded calls and say what came of it", "measuring.replay"),
    Command("what-if", "re-run yesterday's calls under another dialogue or other settings", "measuring.what_if"),
    Command("corpus", "make a corpus of calls, or look at one", "measuring.corpus"),
    Command("voices", "list the voices of every speech engine", "voice.voices"),
    Command("manifest", "list what a voice actor should record, and what is wrong with recordings", "voice.manifest"),
    Command("intents", "measure how well the callers' wishes are understood", "measuring.intents", configured=False),
    Command("asr", "measure how well speech is recognised", "measuring.asr", configured=False),
)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; a failure is one sentence a problem on standard error and exit code 1 (2: wrong words)."""
    words = sys.argv[1:] if words is None else words
    try:
        parser = _parser(words)
        asked = parser.parse_args(words)
        if not hasattr(asked, "run"):
            parser.print_help()
            return 2
        return guarded(asked.run, asked)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """All commands by name; the arguments of the one that is asked for."""
    chosen = next((word for word in words if not word.startswith("-")), None)
    parser = Words(prog="ivr", description="The call router that listens: an IVR server for Asterisk.")
    parser.add_argument("--version", action="version", version=f"ivr {ivr.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        made = commands.add_parser(command.name, help=command.text, description=command.text)
        if command.name == chosen:
            with interrupts.ends_at_once():
                module = import_module(f"ivr.cli.{command.module}")
            if command.configured:
                add_config(made)
            made.set_defaults(run=getattr(module, "run", None))
            module.add_arguments(made)
    return parser


def guarded(run: Callable[[argparse.Namespace], int], asked: argparse.Namespace) -> int:
    """Run it, and turn the known failures into sentences."""
    try:
        return run(asked)
    except BaseExceptionGroup as group:
        # what went wrong while several things were being started together: each says it for itself
        failed = leaves(group)
        if not all(isinstance(error, (Told, OSError, UnicodeDecodeError)) for error in failed):
            raise
        return _tell(*failed)
    except BrokenPipeError:
        raise
    except (Told, OSError, UnicodeDecodeError) as error:
        return _tell(error)


def _tell(*errors: BaseException) -> int:
    for error in errors:
        for problem in problems_of(error):
            print(f"ivr: {problem}", file=sys.stderr)
    return max(int(getattr(error, "exit_code", 1)) for error in errors)
