"""JUnit XML of a run, as continuous integrations everywhere read it: a case a call, and one a threshold."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path

from ivr.replay.engine.score import Result

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(path: Path, title: str, results: Sequence[Result], below: Sequence[str]) -> None:
    """Write the file. A call fails where what is known of it did not come true; ``below`` are thresholds not reached."""
    suite = ET.Element("testsuite", name=_clean(title) or "ivr replay")
    failures = errors = 0
    for one in results:
        case = ET.SubElement(suite, "testcase", classname="calls", name=_clean(one.name), time=f"{one.took_s:.3f}")
        if one.failed:
            errors += 1
            ET.SubElement(case, "error", message=_clean(one.problem))
            continue
        wrong = list(_wrong(one))
        if wrong:
            failures += 1
            ET.SubElement(case, "failure", message=_clean(wrong[0])).text = _clean("\n".join(wrong))
    for sentence in below:
        failures += 1
        case = ET.SubElement(suite, "testcase", classname="thresholds", name=sentence.split()[0], time="0")
        ET.SubElement(case, "failure", message=_clean(sentence))
    suite.set("tests", str(len(results) + len(below)))
    suite.set("failures", str(failures))
    suite.set("errors", str(errors))
    suite.set("time", f"{sum(one.took_s for one in results):.3f}")
    ET.indent(suite)
    ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def _wrong(one: Result) -> Iterator[str]:
    if one.route_right is False:
        yield f"came to {one.place}, and {one.right_place} is right"
    if one.intent_right is False:
        yield f"taken for {one.intent or 'none of these'}, and {one.wants or 'none of these'} is right"
    for name, (wanted, got) in one.slots.items():
        if wanted != got:
            yield f"{name} is {got or 'not known'}, and {wanted} is right"
    if one.problem:
        yield one.problem


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return _NOT_XML.sub("�", text)
