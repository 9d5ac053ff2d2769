"""The command line: ``ivr`` or ``python -m ivr``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import ivr
from ivr.instruments.bench_words import bench_words
from ivr.people_words import person_words


def main() -> int:
    """Run one command; a failure is one sentence a problem on standard error and exit code 1 (2: wrong words)."""
    words = _parser()
    asked = words.parse_args()
    if not hasattr(asked, "run"):
        words.print_help()
        return 2
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        return run(asked)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="ivr", description="The call router that listens: an IVR server for Asterisk.")
    words.add_argument("--version", action="version", version=f"ivr {ivr.__version__}")
    commands = words.add_subparsers(title="commands", metavar="")

    def command(name: str, text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument(
            "--config", type=Path, default=Path("config.toml"), metavar="FILE", help="default: config.toml"
        )
        made.set_defaults(run=run)
        return made

    serve = command("serve", "run the server until Ctrl-C or SIGTERM", _serve)
    serve.add_argument(
        "--no-watchdog", action="store_true", help="without the parent process that restarts a hung server"
    )
    check = command("check", "check config.toml and the dialogues, without starting anything", _check)
    check.add_argument("--strict", action="store_true", help="warnings are errors too")
    check.add_argument("--json", action="store_true", help="end with one line of JSON that holds every finding")
    graph = command("graph", "draw the dialogue as a picture (SVG)", _graph)
    graph.add_argument("file", type=Path, nargs="?", default=None, metavar="FILE.svg", help="default: standard output")
    graph.add_argument("--folder", type=Path, default=None, help="default: as in config.toml")
    graph.add_argument("--language", choices=("en", "zh"), default="en", help="of the prompts and titles, default en")
    command("doctor", "check everything that the server needs: Asterisk, queues, speech, database", _doctor)
    talk = command("talk", "play a dialogue in the terminal, by typing, as any customer", _talk)
    talk.add_argument("--number", default=None, metavar="ANI", help="the caller's number; default: somebody unknown")
    say = command("say", "let the machine's voice say something, into a WAV file", _say_something)
    say.add_argument("text")
    say.add_argument("--language", choices=("en", "zh"), default="en")
    say.add_argument(
        "--engine", choices=("pyttsx3", "flite", "rhvoice"), default=None, help="default: as in config.toml"
    )
    say.add_argument("--voice", default=None, help="one that `ivr voices` lists; default: as in config.toml")
    say.add_argument("--slow", action="store_true", help="slower, as for somebody who asks for it")
    say.add_argument("--louder", action="store_true", help="louder, as for the hard of hearing")
    say.add_argument("--to", type=Path, default=Path("said.wav"), metavar="FILE", help="default: said.wav")
    say.add_argument("--play", action="store_true", help="and play it here")
    load = command("import", "load customers or their history from CSV files", _import)
    load.add_argument("kind", choices=("customers", "orders", "cases", "contacts"))
    load.add_argument("file", type=Path, nargs="+")
    person_words(command("person", "add somebody who may sign in, or change what the options name", _person))
    command("people", "list everybody who may sign in", _people)
    report = command("report", "what finished calls say of the dialogue, of routing and of the cards", _report)
    report.add_argument("--days", type=int, default=30, help="of how many days (30)")
    report.add_argument("--json", action="store_true", help="one JSON object")
    customer = command("customer", "show, set or delete what is kept of how a customer calls", _customer)
    customer.add_argument("number", help="their telephone number")
    customer.add_argument("--forget", action="store_true", help="delete their preferences")
    customer.add_argument(
        "--pin", action="store_true", help="give them a PIN (asked for, or from IVR_PIN), and unlock them"
    )
    customer.add_argument("--no-pin", action="store_true", help="take their PIN away, and unlock them")
    voices = command("voices", "list the voices of every speech engine", _voices)
    voices.add_argument("--get", choices=("flite", "rhvoice"), default=None, help="get this engine from Debian first")
    manifest = command(
        "manifest", "list what a voice actor should record, and what is wrong with recordings", _manifest
    )
    manifest.add_argument("--language", choices=("en", "zh"), default=None, help="default: all")
    manifest.add_argument("--csv", type=Path, default=None, metavar="FILE", help="write it as a table")
    speech = commands.add_parser("asr", help="measure speech recognition", description="Measure speech recognition.")
    bench_words(speech.add_subparsers(title="measures", metavar="", required=True), _asr_bench)
    return words


def _guarded(run: Callable[[], int]) -> int:
    """Turn the known failures into sentences."""
    from ivr.adapters.database import ImportFailed
    from ivr.adapters.database.store import StoreUnusable
    from ivr.adapters.speech_in import ModelUnusable
    from ivr.calls.ports import VoiceFailed
    from ivr.config import ConfigError
    from ivr.provision.models import ModelUnavailable
    from ivr.wire.flow_toml import FlowError

    with_problems = (ConfigError, FlowError, ImportFailed)
    known = (StoreUnusable, ModelUnusable, ModelUnavailable, VoiceFailed)
    try:
        return run()
    except BaseExceptionGroup as group:
        # what went wrong while several things were being started together: each says it for itself
        for error in _leaves(group):
            if not isinstance(error, (*with_problems, *known, OSError, UnicodeDecodeError)):
                raise
        for error in _leaves(group):
            _say(error)
    except (*with_problems, *known, OSError, UnicodeDecodeError) as error:
        _say(error)
    return 1


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def _say(error: BaseException) -> None:
    """One sentence a problem."""
    if isinstance(error, UnicodeDecodeError):
        print(
            f"ivr: a file is not UTF-8 text (byte {error.object[error.start]:#04x} at position {error.start})",
            file=sys.stderr,
        )
    elif isinstance(error, OSError) and error.filename:
        print(f"ivr: {error.filename}: {error.strerror}", file=sys.stderr)
    else:
        for problem in getattr(error, "problems", [str(error)]):
            print(f"ivr: {problem}", file=sys.stderr)


def _serve(asked: argparse.Namespace) -> int:
    from ivr import watchdog

    if not asked.no_watchdog:
        return watchdog.supervise(
            [sys.executable, "-m", "ivr", "serve", "--no-watchdog", "--config", str(asked.config)]
        )

    def run() -> int:
        from ivr import logs
        from ivr.app import serve
        from ivr.config import ami_secret, load

        config = load(asked.config)
        logs.set_up(config.log.format, config.log.level)
        secret = ami_secret(config)

        asyncio.run(serve(config, secret, asked.config.resolve().parent))
        return 0

    return _guarded(run)


def _check(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.check import check

        return check(asked.config, strict=asked.strict, as_json=asked.json)

    return _guarded(run)


def _graph(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.config import load
        from ivr.graph import NotDrawn, graph
        from ivr.provision.debian import PartMissing

        folder = asked.folder or asked.config.resolve().parent / load(asked.config).dialogue.folder
        try:
            return graph(folder, asked.language, asked.file)
        except (NotDrawn, PartMissing) as error:
            _say(error)
            return 1

    return _guarded(run)


def _talk(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.talk import talk

        return talk(asked.config, asked.number)

    return _guarded(run)


def _say_something(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr import logs
        from ivr.config import load
        from ivr.say import Saying, say

        config = load(asked.config)
        logs.set_up("console", "warning")
        saying = Saying(
            asked.text, asked.language, asked.to, asked.engine, asked.voice, asked.slow, asked.louder, asked.play
        )
        return say(saying, config, asked.config.resolve().parent)

    return _guarded(run)


def _doctor(asked: argparse.Namespace) -> int:
    from ivr.doctor import examine

    return _guarded(lambda: examine(asked.config))


def _import(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.adapters.database import ImportFailed, Store, import_file
        from ivr.config import load

        config = load(asked.config)

        async def body() -> None:
            async with Store.opened(config.database.url) as store:
                for file in asked.file:
                    try:
                        text = await asyncio.to_thread(file.read_text, encoding="utf-8")
                    except UnicodeDecodeError as error:
                        raise ImportFailed(
                            [f"{file}: not UTF-8 text (byte {error.start}); save it as UTF-8"]
                        ) from error
                    rows = await import_file(store, asked.kind, str(file), text, config.database.country)
                    print(f"{file}: {rows} {asked.kind} imported")

        asyncio.run(body())
        return 0

    return _guarded(run)


def _person(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.people_cli import person

        return person(asked)

    return _guarded(run)


def _people(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.people_cli import people

        return people(asked.config)

    return _guarded(run)


def _report(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.report import show

        return show(asked.config, asked.days, asked.json)

    return _guarded(run)


def _customer(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.customers_cli import customer

        return customer(asked)

    return _guarded(run)


def _voices(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.say import list_voices

        return list_voices(asked.get)

    return _guarded(run)


def _manifest(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.config import load
        from ivr.manifest import manifest

        return manifest(load(asked.config), asked.config.resolve().parent, asked.language, asked.csv)

    return _guarded(run)


def _asr_bench(asked: argparse.Namespace) -> int:
    def run() -> int:
        from ivr.instruments.bench_words import bench

        return bench(asked)

    return _guarded(run)


if __name__ == "__main__":
    sys.exit(main())
