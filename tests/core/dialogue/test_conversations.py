"""Every rule of the conversation as a table: what the caller does on the left, what the machine does on the right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.core import dialogue
from ivr.core.caller import Preferences
from ivr.core.dialogue import World
from ivr.core.dialogue.messages import (
    Consent,
    Event,
    HandOver,
    Heard,
    KeyPressed,
    Listen,
    NoInput,
    NumberTyped,
    Remember,
    Speak,
    StillLooking,
    Trouble,
)
from ivr.core.flow.intent import Guess, Understood
from ivr.core.flow.nodes import Choice, DecideNode, SayNode
from tests.core.bigger_house import (
    BIGGER,
    LIN,
    LIN_IN_TIME,
    SUNDAY,
    at,
    failed,
    found,
    n_best,
    proof,
    value,
)
from tests.core.little_house import ENGLISH_ONLY, QUIET, START, guessed, heard, key, perhaps, shown, sure, talk

Turn = tuple[Event, str]
HELLO: Turn = (START, "welcome how <open>")
MENU = "menu option option option option option option option <keys>"
MORE = "menu option option <keys>"
OFFERED = "std_offer_person std_offer_choices <yes_no>"


def star(digit: str, after_ms: float = 300) -> KeyPressed:
    """The key that follows a star."""
    return KeyPressed(digit, after_ms)


def fairly(*intents: str, confidence: float = 0.6) -> Heard:
    """Understood well enough to be said in passing."""
    guesses = tuple(Guess(intent, confidence / 2**place) for place, intent in enumerate(intents))
    return Heard(f"about {intents[0]}", Understood(f"about {intents[0]}", guesses, "confirm", 0.5))


def no_but(*intents: str) -> Heard:
    """ "No, I want …": a correction in one sentence."""
    return replace(guessed("sure", *intents), text=f"no about {intents[0]}")


def saying(intent: str, text: str) -> Heard:
    """A plain sentence about an intent, in these words."""
    return replace(sure(intent), text=text)


NOISE, DEAD = NoInput("noise"), NoInput("no_sound")
ASKED: Turn = (sure("return"), "which? <digits>")
TALKS: dict[str, tuple[World, list[Turn]]] = {
    # -- never trapped, by voice and by key, at every kind of question
    "a person, by voice at the open question: what it is about is asked once": (
        at(),
        [HELLO, (heard("can i speak to a person please"), "hush std_few_words <open>"), (sure("invoice"), "hush through! ->invoice/person")],
    ),
    "a person, and what it is about is not understood": (
        at(), [HELLO, (heard("operator"), "hush std_few_words <open>"), (heard("mumble"), "hush to_person! ->nothing/person")],
    ),
    "a person, and nothing is said": (at(), [HELLO, (key("0"), "hush std_few_words <open>"), (QUIET, "hush to_person! ->nothing/person")]),
    "a person, and again": (at(), [HELLO, (key("0"), "hush std_few_words <open>"), (key("0"), "hush to_person! ->nothing/person")]),
    "a person, and a key of the menu": (
        at(), [HELLO, (key("0"), "hush std_few_words <open>"), (key("3"), "hush through! ->invoice/person")],
    ),
    "a person after a failure: at once": (
        at(), [HELLO, (QUIET, "std_no_input narrower <open>"), (key("0"), "hush to_person! ->nothing/person")],
    ),
    "a person where nothing is heard: at once": (
        at(hears=ENGLISH_ONLY), [HELLO, (key("9"), f"hush {MENU}"), (key("0"), "hush to_person! ->nothing/person")],
    ),
    "a person, by voice in a number": (at(), [HELLO, ASKED, (heard("operator"), "hush through! ->return/person")]),
    "a person, by key in a number": (at(), [HELLO, ASKED, (key("*"), "hush which? <digits>"), (star("0"), "hush through! ->return/person")]),
    "a person while something is looked up": (
        at(), [HELLO, ASKED, (heard("four seven one one"), "<keys> ?status"), (key("0"), "hush through! ->return/person")],
    ),
    "repeat, by voice": (at(), [HELLO, (heard("say that again"), "hush welcome how <open>")]),
    "repeat leaves out what was said about the answer": (
        at(), [HELLO, (heard("mumble"), "std_no_match std_language_hint narrower <open>"), (key("*"), "hush narrower <open>")],
    ),
    "back, by voice": (at(), [HELLO, ASKED, (heard("go back"), "hush how <open>"), (sure("invoice"), "through! ->invoice/understood")]),
    "back, by key": (at(), [HELLO, ASKED, (key("*"), "hush which? <digits>"), (star("1"), "hush how <open>")]),
    "back at the first question": (at(), [HELLO, (heard("back"), "hush std_nothing_back how <open>")]),
    "back twice": (
        at(),
        [
            HELLO, (sure("visit"), "day? <value>"), (value(("2026-11-24", 1.0)), "<keys> ?times"),
            (found(1, {"at": "10:00"}, {"at": "11:00"}), "time? <value>"), (heard("back"), "hush day? <value>"),
            (heard("back"), "hush how <open>"),
        ],
    ),
    "what was answered before a step back is asked again": (
        at(),
        [
            HELLO, (sure("visit"), "day? <value>"), (value(("2026-11-24", 1.0)), "<keys> ?times"),
            (found(1, {"at": "10:00"}), "time? <value>"), (heard("back"), "hush day? <value>"),
            (value(("2026-11-25", 1.0)), "<keys> ?times"),
        ],
    ),
    "a star and a key much later are no command": (
        at(), [HELLO, (key("*"), "hush welcome how <open>"), (star("3", 4000), "hush through! ->invoice/key")],
    ),
    "start over": (
        at(), [HELLO, ASKED, (heard("start over"), "hush std_start_over how <open>"), (sure("invoice"), "through! ->invoice/understood")],
    ),
    "what can I say": (at(), [HELLO, ASKED, (heard("what can i say"), "hush std_help which? <digits>")]),
    "what can I press": (at(), [HELLO, ASKED, (key("*"), "hush which? <digits>"), (star("*"), "hush std_help which? <digits>")]),
    "the other language, in the middle of a number": (
        at(), [HELLO, ASKED, (heard("chinese please"), "hush which? <digits>"), (heard("四七一一"), "<keys> ?status")],
    ),
    "the other language, by key in a number": (
        at(), [HELLO, ASKED, (key("*"), "hush which? <digits>"), (star("9"), "hush which? <digits>")],
    ),
    "the other language is not heard: the same question by keys": (
        at(hears=ENGLISH_ONLY), [HELLO, (heard("speak chinese"), f"hush {MENU}"), (key("3"), "hush through! ->invoice/key")],
    ),
    "what was said back is said back in the other language": (
        at(), [HELLO, (perhaps("cancel"), "is_it <yes_no>"), (key("9"), "hush is_it <yes_no>"), (heard("对"), "through! ->cancel/confirmed")],
    ),
    "a word of command inside a sentence is none": (at(), [HELLO, (replace(sure("return"), text="send it back"), "which? <digits>")]),
    "commands without end: a person is offered": (
        at(),
        [
            HELLO, *[(heard("help"), "hush std_help how <open>")] * 8, (heard("help"), "hush std_offer_person <yes_no>"),
            (heard("no"), "hush how <open>"), (sure("invoice"), "through! ->invoice/understood"),
        ],
    ),
    "commands without end, and a person is welcome": (
        at(),
        [
            HELLO, *[(heard("help"), "hush std_help how <open>")] * 8, (heard("help"), "hush std_offer_person <yes_no>"),
            (key("1"), "hush to_person! ->nothing/patience"),
        ],
    ),
    # -- failures by kind, each with its sentence; never more than two on one thing
    "no input": (at(), [HELLO, (QUIET, "std_no_input narrower <open>")]),
    "no match": (at(), [HELLO, (heard("mumble"), "std_no_match std_language_hint narrower <open>")]),
    "too much speech": (at(), [HELLO, (replace(heard("so um what i"), too_long=True), "std_too_long narrower <open>")]),
    "too much speech that was understood all the same": (
        at(), [HELLO, (replace(sure("invoice"), too_long=True), "through! ->invoice/understood")],
    ),
    "noise": (at(), [HELLO, (NOISE, "std_noise narrower <open>")]),
    "a line that carries no sound goes to the keys at once": (at(), [HELLO, (DEAD, f"std_no_sound {MENU}")]),
    "open, narrower, a person is offered; no answer is a yes": (
        at(), [HELLO, (QUIET, "std_no_input narrower <open>"), (NOISE, f"std_noise {OFFERED}"), (QUIET, "hush to_person! ->nothing/patience")],
    ),
    "a person is offered: the choices instead, by hash": (
        at(), [HELLO, (QUIET, "std_no_input narrower <open>"), (QUIET, OFFERED), (key("#"), f"hush {MENU}")],
    ),
    "a person is offered: the choices instead, by no": (
        at(), [HELLO, (QUIET, "std_no_input narrower <open>"), (QUIET, OFFERED), (heard("no"), f"hush {MENU}")],
    ),
    "a person is offered, and it is said after all": (
        at(), [HELLO, (QUIET, "std_no_input narrower <open>"), (QUIET, OFFERED), (sure("invoice"), "hush through! ->invoice/understood")],
    ),
    "a person is offered, and something is said that may be it": (
        at(), [HELLO, (QUIET, "std_no_input narrower <open>"), (QUIET, OFFERED), (perhaps("invoice"), "hush through! ->invoice/patience")],
    ),
    "what was understood is not forgotten for a noise": (
        at(), [HELLO, (perhaps("cancel"), "is_it <yes_no>"), (NOISE, "std_noise is_it <yes_no>"), (heard("yes"), "through! ->cancel/confirmed")],
    ),
    "two failures on one thing, with budget left": (
        at(), [HELLO, ASKED, (QUIET, "std_no_input which again? std_star_person <digits>"), (heard("um"), "hush through! ->return/patience")],
    ),
    "each question that is answered gives one failure back to the call": (
        at(),
        [
            HELLO, (QUIET, "std_no_input narrower <open>"), (sure("visit"), "day? <value>"),
            (QUIET, "std_no_input day again? std_star_person <value>"), (value(("2026-11-24", 1.0)), "<keys> ?times"),
            (found(1, {"at": "10:00"}, {"at": "11:00"}), "time? <value>"), (QUIET, "std_no_input time again? <value>"),
            (value(("10:00", 1.0)), "sure? <yes_no>"), (QUIET, "std_no_input sure again? <yes_no>"), (heard("yes"), "<keys> ?book"),
        ],
    ),
    "two failures at each question are too many all the same": (
        at(),
        [
            HELLO, (QUIET, "std_no_input narrower <open>"), (QUIET, OFFERED), (sure("visit"), "hush day? <value>"),
            (QUIET, "std_no_input day again? std_star_person <value>"), (QUIET, "hush through! ->visit/patience"),
        ],
    ),
    "an answer forgives the failures before it": (
        at(),
        [
            HELLO, (QUIET, "std_no_input narrower <open>"), (sure("return"), "which? <digits>"),
            (QUIET, "std_no_input which again? std_star_person <digits>"), (heard("four seven one one"), "<keys> ?status"),
        ],
    ),
    # -- confirmation by cost and confidence
    "sure, and cheap: goes on": (at(), [HELLO, (sure("invoice"), "through! ->invoice/understood")]),
    "sure, and dear: said back": (
        at(), [HELLO, (sure("cancel"), "is_it <yes_no>"), (heard("yes"), "through! ->cancel/confirmed")],
    ),
    "middling: said inside the next question": (
        at(), [HELLO, (fairly("return"), "std_implied which? <digits>"), (heard("four seven one one"), "<keys> ?status")],
    ),
    "middling, and the next step is final: said back": (at(), [HELLO, (fairly("invoice"), "is_it <yes_no>")]),
    "hardly: said back": (at(), [HELLO, (fairly("return", confidence=0.3), "is_it <yes_no>")]),
    "no, the other one": (
        at(),
        [
            HELLO, (fairly("return", "late"), "std_implied which? <digits>"), (heard("no the other one"), "std_other <yes_no>"),
            (heard("yes"), "which? <digits>"),
        ],
    ),
    "no, and what it is instead": (
        at(), [HELLO, (fairly("return"), "std_implied which? <digits>"), (no_but("invoice"), "through! ->invoice/understood")],
    ),
    "no, and nothing else": (at(), [HELLO, (fairly("return"), "std_implied which? <digits>"), (heard("no"), "narrower <open>")]),
    "no to what was said back, with a second guess": (
        at(), [HELLO, (perhaps("invoice", "hours"), "is_it <yes_no>"), (heard("no"), "std_other <yes_no>"), (heard("no"), OFFERED)],
    ),
    "no to what was said back, and what it is": (
        at(), [HELLO, (perhaps("invoice"), "is_it <yes_no>"), (no_but("hours"), "open else <open>")],
    ),
    # -- history
    "history suggests, yes": (at(LIN), [(START, "welcome late_watch <open>"), (heard("yes"), "which? <digits>")]),
    "history suggests, no: nobody's failure": (
        at(LIN), [(START, "welcome late_watch <open>"), (heard("no"), "how <open>"), (QUIET, "std_no_input narrower <open>")],
    ),
    "history suggests, the caller says what it is": (
        at(LIN), [(START, "welcome late_watch <open>"), (sure("invoice"), "through! ->invoice/understood")],
    ),
    "history suggests, and a not in the caller's own words is no no": (
        at(LIN), [(START, "welcome late_watch <open>"), (replace(sure("late"), text="it has not arrived"), "which? <digits>")],
    ),
    "history suggests, by key": (at(LIN), [(START, "welcome late_watch <open>"), (key("2"), "hush how <open>")]),
    "what history suggested and was declined is heard like anything else": (
        at(LIN), [(START, "welcome late_watch <open>"), (heard("no"), "how <open>"), (perhaps("late"), "std_implied which? <digits>")],
    ),
    # -- the caller leads
    "another matter in the middle of a number": (at(), [HELLO, ASKED, (sure("invoice"), "through! ->invoice/understood")]),
    "another matter instead of yes or no": (
        at(), [HELLO, (sure("piece"), "inner? <yes_no>"), (sure("invoice"), "through! ->invoice/understood")],
    ),
    "another matter that is dear is said back": (
        at(), [HELLO, ASKED, (sure("cancel"), "is_it <yes_no>"), (heard("yes"), "through! ->cancel/confirmed")],
    ),
    "… and was not meant": (at(), [HELLO, ASKED, (sure("cancel"), "is_it <yes_no>"), (heard("no"), "narrower <open>")]),
    # -- what was said before it was asked
    "the number in the first sentence": (at(), [HELLO, (saying("return", "i want to return four seven one one"), "<keys> ?status")]),
    "the number in the first sentence, and it cannot be": (at(), [HELLO, (saying("return", "i want to return order four seven one"), "which? <digits>")]),
    "the number in a sentence that must be confirmed first": (
        at(), [HELLO, (replace(perhaps("return"), text="return four seven one one"), "is_it <yes_no>"), (heard("yes"), "<keys> ?status")],
    ),
    "the day in the first sentence": (at(), [HELLO, (saying("visit", "can i come in on thursday"), "<keys> ?times")]),
    "a doubtful day in the first sentence is said back": (
        at(), [HELLO, (saying("visit", "can i come in on maybe thursday"), "std_value <yes_no>")],
    ),
    "a day that was full is not taken from the first sentence again": (
        at(), [HELLO, (saying("visit", "can i come in on thursday"), "<keys> ?times"), (found(1), "full day? <value>")],
    ),
    "a secret in the first sentence is asked for all the same": (
        at(), [HELLO, (saying("card", "my card is one two three four five six seven eight nine one one two"), "card? <digits>")],
    ),
    "hello? into an idea of the machine's is no answer": (
        at(LIN), [(START, "welcome late_watch <open>"), (heard("hello"), "late_watch <open>"), (heard("yes"), "which? <digits>")],
    ),
    # -- digits from speech and keys
    "n-best: the first that can be": (
        at(LIN_IN_TIME), [(START, "welcome how <open>"), ASKED, (n_best(("four seven nine one", 0.6), ("four seven one one", 0.4)), "<keys> ?status")],
    ),
    "one doubtful digit is asked alone, and said": (
        at(),
        [
            HELLO, ASKED, (n_best(("four seven one one", 0.55), ("four seven nine one", 0.45)), "std_digit <digits>"),
            (heard("nine"), "<keys> ?status"),
        ],
    ),
    "one doubtful digit is asked alone, and pressed": (
        at(),
        [HELLO, ASKED, (n_best(("four seven one one", 0.55), ("four seven nine one", 0.45)), "std_digit <digits>"), (key("1"), "hush <keys> ?status")],
    ),
    "two doubtful digits are said back": (
        at(),
        [
            HELLO, ASKED, (n_best(("four seven one one", 0.4), ("nine seven nine one", 0.35), ("four five one one", 0.25)), "std_value <yes_no>"),
            (heard("yes"), "<keys> ?status"),
        ],
    ),
    "what was said back is corrected in one breath": (
        at(),
        [
            HELLO, ASKED, (n_best(("four seven one one", 0.4), ("nine seven nine one", 0.35), ("four five one one", 0.25)), "std_value <yes_no>"),
            (heard("no four seven nine one"), "<keys> ?status"),
        ],
    ),
    "typed whole where one digit is asked": (
        at(),
        [
            HELLO, ASKED, (n_best(("four seven one one", 0.55), ("four seven nine one", 0.45)), "std_digit <digits>"),
            (NumberTyped("4791"), "hush <keys> ?status"),
        ],
    ),
    "typed whole where it was said back": (
        at(),
        [
            HELLO, ASKED, (n_best(("four seven one one", 0.4), ("nine seven nine one", 0.35), ("four five one one", 0.25)), "std_value <yes_no>"),
            (NumberTyped("4791"), "hush <keys> ?status"),
        ],
    ),
    # -- a long number where one key chooses is no choice
    "typed at the open question: kept until it is asked for": (
        at(), [HELLO, (NumberTyped("4711"), "hush std_number how <open>"), (sure("return"), "<keys> ?status")],
    ),
    "typed at a menu": (
        at(), [HELLO, (DEAD, f"std_no_sound {MENU}"), (NumberTyped("4711"), f"hush std_number {MENU}"), (key("1"), "hush <keys> ?status")],
    ),
    "typed before it is asked for, and none that it can be": (
        at(), [HELLO, (NumberTyped("01712345678"), "hush std_number how <open>"), (sure("return"), "which? <digits>")],
    ),
    "typed where yes or no is asked: neither": (
        at(), [HELLO, (perhaps("cancel"), "is_it <yes_no>"), (NumberTyped("1711"), "hush std_number is_it <yes_no>")],
    ),
    "typed instead of a secret: not kept for it": (
        at(), [HELLO, (NumberTyped("411111111111"), "hush std_number how <open>"), (sure("card"), "card? <digits>")],
    ),
    "typed again and again: a person is offered": (
        at(), [HELLO, *[(NumberTyped("99"), "hush std_number how <open>")] * 8, (NumberTyped("99"), "hush std_offer_person <yes_no>")],
    ),
    "typed while something is looked up": (
        at(), [HELLO, ASKED, (heard("four seven one one"), "<keys> ?status"), (NumberTyped("4711"), "")],
    ),
    "in groups": (at(), [HELLO, ASKED, (heard("four seven"), "<digits>"), (heard("one one"), "<keys> ?status")]),
    "half of it, then silence: the rest is asked": (
        at(), [HELLO, ASKED, (heard("four seven"), "<digits>"), (QUIET, "std_more_digits <digits>"), (heard("one one"), "<keys> ?status")],
    ),
    "begun again from the front": (
        at(), [HELLO, ASKED, (heard("four seven"), "<digits>"), (heard("four seven one one"), "<keys> ?status")],
    ),
    "the first half said, the second pressed": (
        at(), [HELLO, ASKED, (heard("four seven"), "<digits>"), (key("1"), "hush"), (key("1"), "hush <keys> ?status")],
    ),
    "the first half pressed, the second said": (
        at(), [HELLO, ASKED, (key("4"), "hush"), (key("7"), "hush"), (heard("one one"), "<keys> ?status")],
    ),
    # -- other values
    "a date": (at(), [HELLO, (sure("visit"), "day? <value>"), (value(("2026-11-24", 0.9)), "<keys> ?times")]),
    "a doubtful date is said back": (
        at(), [HELLO, (sure("visit"), "day? <value>"), (value(("2026-11-27", 0.6), ("2026-12-04", 0.4)), "std_value <yes_no>"), (heard("yes"), "<keys> ?times")],
    ),
    "a date by keys": (
        at(), [HELLO, (sure("visit"), "day? <value>"), *[(key(k), "hush") for k in "2411"], (key("#"), "hush <keys> ?times")],
    ),
    "no date in the words": (at(), [HELLO, (sure("visit"), "day? <value>"), (heard("well"), "std_no_match day again? std_star_person <value>")]),
    "a name, said": (at(), [HELLO, (sure("region"), "region? <value>"), (value(("Hamburg", 1.0)), "through! ->region/understood")]),
    "a name, by its number": (at(), [HELLO, (sure("region"), "region? <value>"), (key("2"), "hush through! ->region/understood")]),
    "a name that was not offered": (at(), [HELLO, (sure("region"), "region? <value>"), (value(("Paris", 1.0)), "std_no_match region again? <value>")]),
    # -- look-ups
    "found": (at(LIN), [(START, "welcome late_watch <open>"), (heard("yes"), "which? <digits>"), (heard("four seven one one"), "<keys> ?status"),
                        (found(1, {"state": "late"}), "is_late! through! ->late/confirmed")]),
    "found, and settled without a person": (
        at(),
        [
            HELLO, ASKED, (heard("four seven one one"), "<keys> ?status"), (found(1, {"state": "shipped"}), "on_its_way else <open>"),
            (heard("no that's all"), "bye! ->bye"),
        ],
    ),
    "settled, and then something else": (
        at(),
        [
            HELLO, ASKED, (heard("four seven one one"), "<keys> ?status"), (found(1, {"state": "shipped"}), "on_its_way else <open>"),
            (sure("invoice"), "through! ->invoice/understood"),
        ],
    ),
    "nothing found": (at(), [HELLO, ASKED, (heard("four seven one one"), "<keys> ?status"), (found(1), "through! ->return/understood")]),
    "the source is down": (at(), [HELLO, ASKED, (heard("four seven one one"), "<keys> ?status"), (failed(1), "through! ->return/understood")]),
    "it takes long": (
        at(),
        [
            HELLO, ASKED, (heard("four seven one one"), "<keys> ?status"), *[(StillLooking(1), "moment <keys>")] * 3,
            (StillLooking(1), ""), (found(1, {"state": "shipped"}), "on_its_way else <open>"),
        ],
    ),
    "silence and words while it runs mean nothing": (
        at(), [HELLO, ASKED, (heard("four seven one one"), "<keys> ?status"), (QUIET, ""), (heard("hurry"), ""), (key("5"), "")],
    ),
    "an answer that comes too late": (
        at(), [HELLO, ASKED, (heard("four seven one one"), "<keys> ?status"), (heard("back"), "hush which? <digits>"), (found(1, {"state": "late"}), "")],
    ),
    "something is done only after a yes": (
        at(),
        [
            HELLO, (sure("visit"), "day? <value>"), (value(("2026-11-24", 1.0)), "<keys> ?times"),
            (found(1, {"at": "10:00"}, {"at": "11:00"}), "time? <value>"), (value(("11:00", 1.0)), "sure? <yes_no>"),
            (heard("yes"), "<keys> ?book"), (found(2, {}), "booked else <open>"), (heard("no"), "bye! ->bye"),
        ],
    ),
    "a question that the dialogue comes to for the third time": (
        at(),
        [
            HELLO, (sure("visit"), "day? <value>"), (value(("2026-11-24", 1.0)), "<keys> ?times"), (found(1), "full day? <value>"),
            (value(("2026-11-25", 1.0)), "<keys> ?times"), (found(2), "hush full! through! ->visit/patience"),
        ],
    ),
    # -- conditions
    "closed on Sunday": (at(now=SUNDAY), [HELLO, (sure("hours"), "closed else <open>")]),
    "busy": (at(waiting=5), [HELLO, (sure("hours"), "busy else <open>")]),
    "open, and not busy": (at(waiting=4), [HELLO, (sure("hours"), "open else <open>")]),
    # -- pieces
    "a piece is called and comes back": (at(), [HELLO, (sure("piece"), "inner? <yes_no>"), (key("1"), "hush after! through! ->piece/understood")]),
    # -- proofs
    "a PIN, by keys": (
        at(LIN_IN_TIME),
        [
            (START, "welcome how <open>"), (sure("balance"), "<keys> ?pin"), (proof(1, "asked"), "pin? <digits>"),
            *[(key(k), "hush") for k in "4071"], (key("#"), "hush <keys> ?pin=4071"), (proof(2, "right"), "amount else <open>"),
            (sure("balance"), "amount else <open>"),
        ],
    ),
    "wrong twice: another proof": (
        at(LIN_IN_TIME),
        [
            (START, "welcome how <open>"), (sure("balance"), "<keys> ?pin"), (proof(1, "asked"), "pin? <digits>"),
            (heard("one one one one"), "<keys> ?pin=1111"), (proof(2, "wrong"), "wrong std_star_person <digits>"), (heard("two two two two"), "<keys> ?pin=2222"),
            (proof(3, "wrong"), "<keys> ?last_order"), (proof(4, "asked"), "last? <digits>"), (heard("four seven one one"), "<keys> ?last_order=4711"),
            (proof(5, "right"), "amount else <open>"),
        ],
    ),
    "no PIN kept: the next proof": (
        at(LIN_IN_TIME),
        [(START, "welcome how <open>"), (sure("balance"), "<keys> ?pin"), (proof(1, "unavailable"), "<keys> ?last_order"), (proof(2, "unavailable"), "<keys> ?code"),
         (proof(3, "unavailable"), "not_told! through! ->balance/understood")],
    ),
    "locked": (at(LIN_IN_TIME), [(START, "welcome how <open>"), (sure("balance"), "<keys> ?pin"), (proof(1, "locked"), "not_told! through! ->balance/understood")]),
    "somebody unknown proves nothing": (at(), [HELLO, (sure("balance"), "not_told! through! ->balance/understood")]),
    # -- preferences
    "slower, and remembered": (
        at(LIN_IN_TIME), [(START, "welcome how <open>"), (heard("slower please"), "hush std_slower std_remember <yes_no>"), (heard("yes"), "remember std_remembered how <open>")],
    ),
    "louder, not remembered": (
        at(LIN_IN_TIME), [(START, "welcome how <open>"), (heard("i can't hear you"), "hush std_louder std_remember <yes_no>"), (key("2"), "hush how <open>")],
    ),
    "asked once a call": (
        at(LIN_IN_TIME),
        [(START, "welcome how <open>"), (heard("slower"), "hush std_slower std_remember <yes_no>"), (QUIET, "how <open>"), (heard("louder"), "hush std_louder how <open>")],
    ),
    "an answer to the question before instead": (
        at(LIN_IN_TIME), [(START, "welcome how <open>"), (heard("slower"), "hush std_slower std_remember <yes_no>"), (sure("invoice"), "through! ->invoice/understood")],
    ),
    "somebody unknown is not asked": (at(), [HELLO, (heard("slower"), "hush std_slower how <open>")]),
    "keys worked where the voice did not": (
        at(LIN_IN_TIME),
        [
            (START, "welcome how <open>"), (heard("mumble"), "std_no_match narrower <open>"), (heard("mumble"), OFFERED),
            (key("3"), "hush std_remember <yes_no>"), (key("1"), "hush remember std_remembered! through! ->invoice/key"),
        ],
    ),
    "keys from the start, because it was remembered": (at(replace(LIN_IN_TIME, preferences=Preferences(keys=True))), [(START, f"welcome {MENU}")]),
    "forgotten": (at(LIN_IN_TIME), [(START, "welcome how <open>"), (heard("forget my settings"), "hush forget std_forgotten how <open>")]),
    # -- everything by keys
    "a menu behind the menu": (
        at(), [HELLO, (DEAD, f"std_no_sound {MENU}"), (key("8"), f"hush {MORE}"), (key("1"), "hush region? <value>"), (key("1"), "hush through! ->region/key")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("where", "turns"), TALKS.values(), ids=TALKS.keys())
def test_talk(where: World, turns: list[Turn]) -> None:
    _, answers = talk(where, *(event for event, _ in turns))
    assert [shown(commands) for commands in answers] == [answer for _, answer in turns]


def texts(commands: tuple[object, ...]) -> list[str]:
    return [command.text for command in commands if isinstance(command, Speak)]


def test_what_is_doubtful_is_named() -> None:
    _, answers = talk(at(), START, sure("return"), n_best(("four seven one one", 0.55), ("four seven nine one", 0.45)))
    assert texts(answers[-1]) == ["4 7 1, place 3?"]
    _, answers = talk(at(), START, sure("return"), heard("four seven"), QUIET)
    assert texts(answers[-1]) == ["4 7 and?"]


def test_the_resolved_digit_makes_the_number() -> None:
    place, _ = talk(
        at(), START, sure("return"), n_best(("four seven one one", 0.55), ("four seven nine one", 0.45)), heard("nine")
    )
    assert dict(place.slots) == {"order": "4791"}


@pytest.mark.parametrize(("before", "digits"), [(0, "4711"), (2, "1147"), (1, "1471"), (None, "1147")])
def test_speech_stands_where_it_was_among_the_keys(before: int | None, digits: str) -> None:
    """Somebody presses 1 1 while, before or after they say "four seven"; recognition comes later than the keys."""
    said = replace(heard("four seven"), keys_before=before)
    place, _ = talk(at(), START, sure("return"), key("1"), key("1"), said)
    assert dict(place.slots) == {"order": digits}


def test_a_check_digit_leaves_out_what_cannot_be() -> None:
    words = "one two three four five six seven eight nine one one "
    heard_so = n_best((words + "nine", 0.7), (words + "two", 0.3))
    place, _ = talk(at(), START, sure("card"), heard_so)
    assert dict(place.slots) == {"card": "123456789112"}
    assert place.known[0].value == "••••", "a secret is not for the agent's screen either"
    listen = talk(at(), START, sure("card"))[1][-1][-1]
    assert isinstance(listen, Listen) and listen.secret


def test_manner_of_speaking() -> None:
    _, answers = talk(at(), START, heard("slower"), heard("louder"), heard("faster"))
    manners = [{(s.slow, s.loud) for s in a if isinstance(s, Speak)} for a in answers]
    assert manners == [{(False, False)}, {(True, False)}, {(True, True)}, {(False, False)}]
    listen = answers[1][-1]
    assert isinstance(listen, Listen) and listen.patient


def test_remembered_manner_and_language_are_there_from_the_first_word() -> None:
    liked = at(replace(LIN_IN_TIME, preferences=Preferences(slow=True, loud=True, language="zh")))
    _, answers = talk(liked, START)
    assert {(s.slow, s.loud, s.language) for s in answers[0] if isinstance(s, Speak)} == {(True, True, "zh")}


def test_what_is_remembered_adds_to_what_was() -> None:
    liked = at(replace(LIN_IN_TIME, preferences=Preferences(loud=True)))
    _, answers = talk(liked, START, heard("slower"), heard("yes"))
    assert answers[-1][0] == Remember(Preferences(slow=True, loud=True))


def test_troubles_travel_to_the_agent() -> None:
    _, answers = talk(at(), START, QUIET, sure("return"), heard("um"), key("*"), star("0"))
    hand_over = answers[-1][-1]
    assert hand_over == HandOver(
        "return", None, "person", (Trouble("reason", "no_input"), Trouble("which", "no_match"))
    )


def test_a_step_back_keeps_what_was_spent_and_the_manner() -> None:
    place, _ = talk(at(), START, QUIET, sure("return"), heard("slower"), heard("um"), heard("back"))
    assert place.failures == 1 and len(place.troubles) == 2 and place.manner.slow and place.node == "reason"


def test_history_and_words_are_addends() -> None:
    words = Understood("it is still not here", (Guess("late", 0.48), Guess("return", 0.3)), "confirm", 0.5)
    place, _ = talk(at(LIN), START, heard("no"), Heard(words.text, None))
    place, _ = talk(at(LIN), START, Heard(words.text, words))
    assert place.understood and place.understood.best
    best = place.understood.best
    brought = [e for e in best.evidence if e.kind == "history"]
    assert round(best.confidence, 3) == 0.714
    assert [round(e.weight, 3) for e in brought] == [0.234] and brought[0].text == "an order is late"


def test_the_same_world_gives_the_same_conversation() -> None:
    events = (START, perhaps("invoice", "hours"), heard("no"), key("9"), QUIET, key("*"), star("0"))
    assert talk(at(), *events) == talk(at(), *events)


def test_every_place_is_small() -> None:
    """1,000 idle calls must be cheap; what "back" keeps grows with the questions asked, not with the time waited."""
    place, _ = talk(at(), START, *([QUIET, heard("repeat")] * 2))
    depth, one = 0, place
    while one.before is not None:
        depth, one = depth + 1, one.before
    assert depth <= 2
    assert dialogue.step(at(), place, heard("four"))[0] is not place


def test_a_long_call_does_not_grow_without_end() -> None:
    place = dialogue.begin(at())
    place, _ = dialogue.step(at(), place, START)
    for _ in range(20):
        for event in (sure("return"), heard("four seven one one")):
            place, _ = dialogue.step(at(), place, event)
        place, _ = dialogue.step(at(), place, found(place.ids, {"state": "shipped"}))
    assert place.node == "else" and not place.over
    depth, one = 0, place
    while one.before is not None:
        depth, one = depth + 1, one.before
    assert depth <= 9


def test_flow_of_the_tables_is_whole() -> None:
    assert all(
        prompt in BIGGER.prompts for node in BIGGER.nodes.values() for prompt in [getattr(node, "prompt", "how")]
    )


# -- consent

ASKS_CONSENT = replace(
    BIGGER,
    start="may_record",
    nodes={
        **BIGGER.nodes,
        "may_record": DecideNode("may_record", "sure?", "sure again?", "thanks", "reason", "reason", consent=True),
        "thanks": SayNode("thanks", (Choice("booked"),), "reason"),
    },
)
ASKED_CONSENT = replace(at(), flow=ASKS_CONSENT, asks_consent=True)


@pytest.mark.parametrize(
    ("answer", "given"), [(heard("yes"), True), (heard("no"), False), (key("1"), True), (key("2"), False)]
)
def test_consent_is_asked_once_and_told(answer: Event, given: bool) -> None:
    place, answers = talk(ASKED_CONSENT, START, answer)
    assert shown(answers[0]) == "sure? <yes_no>"
    assert [one for one in answers[-1] if isinstance(one, Consent)] == [Consent(given)]
    assert place.consent is given and place.node == "reason"
    assert [one.prompt for one in answers[-1] if isinstance(one, Speak)] == (["booked", "how"] if given else ["how"])
    _, again = talk(ASKED_CONSENT, START, answer, heard("start over"))
    assert "sure?" not in shown(again[-1])


def test_consent_is_not_asked_where_nobody_records_on_it() -> None:
    place, answers = talk(replace(ASKED_CONSENT, asks_consent=False), START)
    assert shown(answers[0]) == "how <open>" and place.consent is None


def test_no_answer_is_no_consent() -> None:
    place, answers = talk(ASKED_CONSENT, START, QUIET, QUIET)
    assert place.node == "reason" and place.consent is None
    assert not [one for answer in answers for one in answer if isinstance(one, Consent)]
