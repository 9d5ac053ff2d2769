"""A house of one's own, outside the checkout: right from its first minute, and nothing of anybody's overwritten."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from ivr.cli.init.house import NAMES, NotMade, Wanted, make
from ivr.cli.main import main
from ivr.config.load import ami_secret, load
from ivr.server.speech.publishing import read_flow

TEMPLATES = sorted(NAMES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_house_is_right_from_the_beginning(
    template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "house"
    assert main(["init", str(folder), "--template", template]) == 0
    assert str(folder / "README.md") in capsys.readouterr().out
    monkeypatch.chdir(folder)
    assert main(["check", "--strict"]) == 0, "nobody begins with warnings"
    queues = (folder / "asterisk/queues_ivr.conf").read_text()
    assert [line[1:].partition("]")[0] for line in queues.splitlines() if line.endswith("](ivr-queue)")] == list(
        read_flow(folder / "dialplans").queues
    )
    assert not [word for word in (folder / "README.md").read_text().split() if word.startswith("@")]


@pytest.mark.parametrize("template", TEMPLATES)
def test_house_has_no_warnings_without_the_encoder_either(
    template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(Wanted(tmp_path / "house", template))
    settings = tmp_path / "house/config.toml"
    settings.write_text(settings.read_text().replace('encoder = "auto"', 'encoder = "off"'))
    assert main(["check", "--strict", "--config", str(settings)]) == 0, capsys.readouterr().out


def test_one_secret_for_both_sides_which_nobody_else_reads(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    make(Wanted(folder))
    secret = ami_secret(load(folder / "config.toml"), {})
    assert (folder / "asterisk/manager_ivr_secret.conf").read_text() == f"secret = {secret}\n" and len(secret) == 48
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes["asterisk"] in (0o600, 0o700) and modes["manager_ivr_secret.conf"] == 0o600
    assert {modes[name] for name in ("var", "secrets", "dialplans")} == {0o700}
    make(Wanted(tmp_path / "another"))
    assert ami_secret(load(tmp_path / "another/config.toml"), {}) != secret


def test_addresses_of_the_house_stand_on_both_sides(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    words = ["--media", "10.0.0.5:9999", "--manager", "10.0.0.6:5040", "--web-port", "8443", "--number", "+4930123"]
    assert main(["init", str(folder), *words]) == 0
    config = load(folder / "config.toml")
    assert (config.media.host, config.media.port, config.web.port) == ("10.0.0.5", 9999, 8443)
    assert (config.asterisk.host, config.asterisk.port) == ("10.0.0.6", 5040)
    dialplan = (folder / "asterisk/extensions_ivr.conf").read_text()
    assert "Set(IVR_ADDRESS=10.0.0.5:9999)" in dialplan and "127.0.0.1:9092" not in dialplan
    readme = (folder / "README.md").read_text()
    assert "exten => +4930123,1," in readme and "scp " in readme and "root@10.0.0.6:/etc/asterisk/" in readme
    manager = (folder / "asterisk/manager_ivr.conf").read_text()
    assert "\npermit = 10.0.0.5/255.255.255.255\n" in manager and "127.0.0.1" not in manager
    assert "\nbindaddr = 10.0.0.6\n" in readme


@pytest.mark.parametrize("media", ["127.0.0.1:9092", "0.0.0.0:9092", "router.example.com:9092"])
def test_asterisk_elsewhere_must_be_told_where_this_machine_is(
    media: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "house"), "--manager", "10.0.0.6:5038", "--media", media]) == 1
    assert "ivr: --media: " in capsys.readouterr().err and not (tmp_path / "house").exists()


def test_everything_on_one_machine_stays_there(tmp_path: Path) -> None:
    make(Wanted(tmp_path / "house"))
    assert "\npermit = 127.0.0.1/255.255.255.255\n" in (tmp_path / "house/asterisk/manager_ivr.conf").read_text()
    readme = (tmp_path / "house/README.md").read_text()
    assert (
        f"cp {tmp_path}/house/asterisk/*.conf /etc/asterisk/" in readme
        and "bindaddr" not in readme
        and "scp" not in readme
    )


def test_everything_relative_is_in_the_house_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "house"
    make(Wanted(folder, "shop"))
    monkeypatch.chdir(tmp_path)
    config = load(Path("house/config.toml"))
    assert config.database.url == f"sqlite:///{folder}/var/ivr.db"
    assert config.sources == {"shop": f"sqlite:///{folder}/var/shop.db"}
    assert Path(config.webhooks.key_file) == folder / "var/webhooks.key"
    assert config.recording.folder == folder / "var/recordings"
    assert config.directory.file == "", "none stays none"


@pytest.mark.parametrize("url", ["sqlite:////srv/ivr.db", "postgresql://ivr@db/ivr"])
def test_what_is_not_relative_stays(url: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'[database]\nurl = "{url}"\n')
    assert load(tmp_path / "config.toml").database.url == url


@pytest.mark.parametrize("name", ['Dr "Bob" Kovač', "O'Neill & Sons", "海港牙科", "back\\slash"])
def test_name_is_what_is_said(name: str, tmp_path: Path) -> None:
    make(Wanted(tmp_path / "house", "practice", name))
    said = tomllib.loads((tmp_path / "house/dialplans/house.toml").read_text())["prompts"]["welcome"]
    assert said["en"] == [f"{name}.", f"{name}, hello."]
    read_flow(tmp_path / "house/dialplans")


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ("a file", "is there already, and not empty"),
        ("full", "is there already, and not empty"),
        ("below a file", "is a file, or lies in one, and a folder is needed"),
    ],
)
def test_nothing_of_anybody_s_is_overwritten(
    there: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "house"
    if there == "full":
        folder.mkdir()
        (folder / "mine.txt").write_text("mine")
    else:
        folder.write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    assert main(["init", str(folder / "x" if there == "below a file" else folder)]) == 1
    assert told in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    make(Wanted(tmp_path))
    assert (tmp_path / "config.toml").is_file()


@pytest.mark.parametrize("name", [" ", "x" * 61])
def test_name_that_nobody_can_say_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotMade, match="60 letters at most"):
        make(Wanted(tmp_path / "house", "practice", name))


def test_name_that_would_be_a_place_in_a_prompt_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    with pytest.raises(NotMade, match="cannot stand in a name"):
        make(Wanted(tmp_path / "house", "practice", "House {agent}"))
    assert not (tmp_path / "house").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--media", "9092"], "is no address: HOST:PORT"),
        (["--media", "host:99999"], "is no port"),
        (["--media", 'x"y:1'], "is no address"),
        (["--web-port", "web"], "is no port: a number from 1 to 65535"),
        (["--number", "4000,1,Hangup()"], "is no number that can be dialled"),
        (["--template", "bank"], "did you mean 'blank'?"),
    ],
)
def test_words_that_are_wrong(words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["init", str(tmp_path / "house"), *words])
    assert ended.value.code == 2 and told in capsys.readouterr().err
    assert not (tmp_path / "house").exists()
