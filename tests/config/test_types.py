"""Every setting in every wrong type of TOML, and settings that nobody can mean: refused, with what would be right."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from ivr.config.load import Config, ConfigError, load, parse
from tests.conftest import ROOT

OF_EVERY_TYPE: tuple[Any, ...] = ("15138", 5, 5.5, True, ["x"], {"x": "y"})
RIGHT: dict[type, tuple[type, ...]] = {
    int: (int,), float: (int, float), Decimal: (int, float), bool: (bool,), str: (str,), type(Path()): (str,), tuple: (list,), dict: (dict,),
}  # fmt: skip
"""What a setting is → what may be written for it."""
SAID = ("write one without quotes", "write it between quotes", "is neither true nor false", "is no list", "is no table")
CHOICES = ("is none of", "is not right here: write", "is no address of a speech server")


def wrong() -> Iterator[tuple[str, str, Any]]:
    """Every key with every value that is not of its type."""
    for table, model in Config():
        for key, default in model if table != "sources" else ():
            kind = float if type(model).model_fields[key].annotation is float else type(default)
            for value in OF_EVERY_TYPE:
                if type(value) not in RIGHT[kind] and not (key.startswith("remote_") and type(value) is str):
                    yield table, key, value


@pytest.mark.parametrize(
    ("table", "key", "value"),
    list(wrong()),
    ids=lambda each: f"{type(each).__name__}" if not isinstance(each, str) else each,
)
def test_value_of_another_type_is_refused(table: str, key: str, value: Any, tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(tomli_w.dumps({table: {key: value}}))
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    (problem,) = refused.value.problems
    assert problem.startswith(f"{path}:{1 if isinstance(value, dict) else 2}: [{table}] {key}: ") or isinstance(
        value, dict
    )
    assert any(words in problem for words in SAID + CHOICES), problem


def test_every_setting_as_it_is_delivered_is_right() -> None:
    assert load(ROOT / "config.toml", {}).asterisk.port == 5038


NOBODY_MEANS: dict[str, tuple[str, str]] = {
    "true for a port": ("[web]\nport = true\n", "my.toml:2: [web] port: true is no whole number: write one without quotes, as in 5"),
    "port between quotes": ("[asterisk]\nport = \"15138\"\n", "my.toml:2: [asterisk] port: '15138' is no whole number: write one without quotes, as in 5"),
    "text in an entry": ("[desk]\noutside = [49]\n", "my.toml:2: [desk] outside.0: 49 is no text: write it between quotes"),
    "no days": ("[callbacks]\ndays = []\n", "my.toml:2: [callbacks] days: is empty, and nobody is ever called: name days, or write at_once = 0, which says so"),
    "no currency": ("[dialogue]\ncurrency = \"XXX\"\n", "my.toml:2: [dialogue] currency: nobody pays in 'XXX': write a currency that is in use, by its letters of ISO 4217, as in \"EUR\""),
    "currency of the past": ("[dialogue]\ncurrency = \"DEM\"\n", "my.toml:2: [dialogue] currency: nobody pays in 'DEM': write a currency that is in use, by its letters of ISO 4217, as in \"EUR\""),
    "no country": ("[database]\ncountry = \"XX\"\n", "my.toml:2: [database] country: there is no country 'XX': write its two letters of ISO 3166, as in \"DE\""),
    "host with a port": ("[asterisk]\nhost = \"127.0.0.1:5038\"\n", "my.toml:2: [asterisk] host: '127.0.0.1:5038' is not right here: write a name or an address alone, as in \"127.0.0.1\"; a port has a key of its own"),
    "host with a scheme": ("[web]\nhost = \"http://pbx\"\n", "my.toml:2: [web] host: 'http://pbx' is not right here: write a name or an address alone, as in \"127.0.0.1\"; a port has a key of its own"),
    "password in the database's address": ("[database]\nurl = \"postgresql://ivr:hunter2@db/ivr\"\n", "my.toml:2: [database] url: no password may stand here: take it out, and put the whole address into IVR_DATABASE_URL"),
    "password in a source's address": ("[sources]\nshop = \"postgresql://ivr:hunter2@db/shop\"\n", "my.toml:2: [sources] shop: no password may stand here: take it out, and put the whole address into IVR_SOURCE_SHOP_URL"),
    "codes by a source that there is not": ("[sources]\nsms = \"https://sms.example.com\"\n[identity]\ncode_source = \"sns\"\n", "my.toml:4: [identity] code_source: there is no source 'sns'; did you mean 'sms'? Known are sms"),
    "limit in words": ("[offers]\nper_call = \"20\"\n", "my.toml:2: [offers] per_call: '20' is not right here: write a number without quotes, as in 0.5"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), NOBODY_MEANS.values(), ids=NOBODY_MEANS)
def test_what_nobody_can_mean(text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my.toml").write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(Path("my.toml"), {})
    assert refused.value.problems == [sentence]


@pytest.mark.parametrize("currency", ["EUR", "CNY", "CHF", "USD"])
def test_currencies_in_use(currency: str, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(
        f'[dialogue]\ncurrency = "{currency}"\n[web]\nhost = "::1"\n[database]\ncountry = "CN"\n'
    )
    assert load(tmp_path / "my.toml", {}).dialogue.currency == currency


def test_password_comes_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("")
    url = "postgresql://ivr:hunter2@db/ivr"
    assert load(tmp_path / "my.toml", {"IVR_DATABASE_URL": url}).database.url == url


def test_settings_can_be_given_on() -> None:
    config = load(ROOT / "config.toml", {})
    assert parse(config.model_dump(), "the same", {}) == config
