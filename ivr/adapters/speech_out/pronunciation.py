"""How words are said: the operator's list of pronunciations, applied before synthesis."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from ivr.core.language import Language
from ivr.core.told import why
from ivr.wire.written.toml import NotToml, of_bytes

_LANGUAGES: tuple[Language, ...] = get_args(Language)
_LETTER = r"[0-9A-Za-z\u00C0-\u024F]"
"""What makes a word of the letters beside it. Chinese is written without spaces, so its signs do not."""


class BadPronunciation(Exception):
    """The list cannot be used; one sentence a problem, each with the file, the language and the word."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Pronunciation:
    """Words and how to say them, for each language.

    Words are found whole and in capitals or not, Chinese ones anywhere; of two that fit, the longer is taken. What was
    replaced is not looked at again.
    """

    def __init__(self, words: Mapping[Language, Mapping[str, str]]) -> None:
        self._said = {
            language: {word.casefold(): said for word, said in known.items()} for language, known in words.items()
        }
        self._find = {language: _finder(known) for language, known in words.items() if known}

    def apply(self, text: str, language: Language) -> str:
        """The text as the machine's voice should read it."""
        find = self._find.get(language)
        if find is None:
            return text
        said = self._said[language]
        return find.sub(lambda match: said.get(match.group().casefold(), match.group()), text)


def _finder(words: Mapping[str, str]) -> re.Pattern[str]:
    whole = []
    for word in sorted(words, key=len, reverse=True):
        before = f"(?<!{_LETTER})" if re.match(_LETTER, word) else ""
        after = f"(?!{_LETTER})" if re.match(_LETTER, word[-1]) else ""
        whole.append(f"{before}{re.escape(word)}{after}")
    return re.compile("|".join(whole), re.IGNORECASE)


def read_pronunciation(path: Path) -> Pronunciation:
    """Read ``pronunciation.toml``: a table a language, ``"IVR" = "I V R"``; a file that is not there is an empty list.

    Raises BadPronunciation with everything that is wrong in it.
    """
    try:
        raw = of_bytes(path.read_bytes(), str(path))[1].tables
    except FileNotFoundError:
        return Pronunciation({})
    except OSError as error:
        raise BadPronunciation([f"{path}: {why(error)}"]) from error
    except NotToml as error:
        raise BadPronunciation([str(error)]) from error
    problems: list[str] = []
    words: dict[Language, dict[str, str]] = {}
    for name, table in raw.items():
        language = next((known for known in _LANGUAGES if known == name), None)
        if language is None:
            problems.append(f"{path}: [{name}]: unknown language; known are {', '.join(_LANGUAGES)}")
        elif not isinstance(table, dict):
            problems.append(f"{path}: {name}: a table of words is needed, [{name}], not {table!r}")
        else:
            problems += [f"{path}: [{name}] {wrong}" for wrong in _wrong(table)]
            words[language] = table
    if problems:
        raise BadPronunciation(problems)
    return Pronunciation(words)


def _wrong(table: Mapping[str, object]) -> list[str]:
    found, seen = [], dict[str, str]()
    for word, said in table.items():
        if not word.strip() or word != word.strip():
            found.append(f"{word!r}: a word without spaces around it is needed")
        elif not isinstance(said, str) or not said.strip():
            found.append(f'"{word}": how to say it is needed, as text in quotes, not {said!r}')
        elif word.casefold() in seen:
            found.append(
                f'"{word}": stands there twice, also as "{seen[word.casefold()]}"; capitals make no difference'
            )
        seen.setdefault(word.casefold(), word)
    return found
