"""Speech in on another machine: a server that speaks the websocket protocol of the Vosk project's own.

A connection is one hearing of one utterance: a message of settings, messages of sound, each answered by a partial or a final
result, ``eof`` answered by the last. What is believed is decided here, as for what is decoded here. The utterance's sound is
kept until it is over, so a server that is lost in the middle costs nothing where there is a model on this machine: it hears
the whole of it again. Where there is none, the caller is asked again, by keys while no server can be reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import aiohttp
import structlog

from ivr.adapters.speech_in.decoding import Hearing, Wanted, believed, hearings, transcript
from ivr.adapters.speech_in.remote_server import EOF, Engine, EngineLost, EngineTimes, tried
from ivr.calls.caller.ports import Listening, Recogniser, Transcript
from ivr.core.breaker import Breaker
from ivr.core.language import Language

log = structlog.get_logger(__name__)
MESSAGE_FRAMES = 5
"""100 ms of sound a message, or all that waits."""
KEPT_FRAMES = 6_000
"""Two minutes of one utterance, the longest that config.toml allows; beyond it the utterance is given up."""


class RemoteRecogniser:
    """Recognition by servers for the languages that have some, by ``local`` for all else and where servers are lost.

    Among several servers of a language the one with the fewest utterances under way is asked.
    """

    def __init__(
        self, addresses: Mapping[Language, Sequence[str]], local: Recogniser, times: EngineTimes | None = None
    ) -> None:
        times = times or EngineTimes()
        self._local = local
        self.engines: dict[Language, list[Engine]] = {
            language: [Engine(one, times, Breaker(times.failures, times.pause_s)) for one in each]
            for language, each in addresses.items()
        }
        self._http: aiohttp.ClientSession | None = None
        self.trying: set[asyncio.Task[None]] = set()
        """For each server that is left alone: what asks whether it is back."""

    def hears(self, language: Language) -> bool:
        """Whether there is a model, or a server that answers."""
        return self._local.hears(language) or any(one.usable for one in self.engines.get(language, ()))

    def listen(
        self,
        language: Language,
        grammar: Sequence[str] | None,
        partial: Callable[[str], None] | None = None,
        otherwise_open: bool = False,
        several: bool = False,
    ) -> Listening:

        def here() -> Listening | None:
            there = self._local.hears(language)
            return self._local.listen(language, grammar, partial, otherwise_open, several) if there else None

        usable = [one for one in self.engines.get(language, ()) if one.usable]
        if not usable and (local := here()):
            return local
        engine = min(usable or self.engines[language], key=lambda one: one.under_way)
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        wanted = Wanted(grammar, otherwise_open, several)
        return RemoteListening(engine, self._http, wanted, partial, here, self._lost)

    def _lost(self, engine: Engine) -> None:
        if engine.breaker.failed(asyncio.get_running_loop().time()):
            log.warning("speech server left alone", address=engine.address, for_s=engine.times.pause_s)
            task = asyncio.create_task(self._try_again(engine))
            self.trying.add(task)
            task.add_done_callback(self.trying.discard)

    async def _try_again(self, engine: Engine) -> None:
        """Ask a server that was left alone, without any caller, until it answers."""
        assert self._http is not None
        while not engine.usable:
            await asyncio.sleep(engine.times.pause_s)
            now = asyncio.get_running_loop().time()
            if not engine.breaker.may_ask(now):
                continue
            try:
                await tried(engine, self._http)
            except EngineLost as problem:
                engine.breaker.failed(now)
                log.debug("speech server still away", problem=str(problem))
            else:
                engine.breaker.worked()
                log.info("speech server is back", address=engine.address)

    async def close(self) -> None:
        """End what is under way beside the calls."""
        for task in self.trying:
            task.cancel()
        await asyncio.gather(*self.trying, return_exceptions=True)
        for engine in (one for each in self.engines.values() for one in each):
            await engine.left()
        if self._http is not None:
            await self._http.close()


class RemoteListening:
    """One utterance on one server, all of its hearings; on this machine's model from the moment at which that is lost."""

    def __init__(
        self,
        engine: Engine,
        http: aiohttp.ClientSession,
        wanted: Wanted,
        partial: Callable[[str], None] | None,
        here: Callable[[], Listening | None],
        lost: Callable[[Engine], None],
    ) -> None:
        self._engine, self._http, self._wanted, self._partial = engine, http, wanted, partial
        self._here, self._tell_lost = here, lost
        self._hearings = hearings(wanted)
        self._told = [""] * len(self._hearings)
        """For each hearing what was understood since its last result."""
        self._untold = [""] * len(self._hearings)
        """… and what was understood of it before a result that had no words."""
        self._sound: list[bytes] = []
        self._ended = False
        self._more = [asyncio.Event() for _ in self._hearings]
        self._local: Listening | None = None
        self._lost: EngineLost | None = None
        engine.under_way += 1
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._done)

    def feed(self, pcm: bytes) -> None:
        """Give it more sound; never blocks."""
        if self._local is not None:
            self._local.feed(pcm)
        elif self._lost is None and not self._ended:
            self._sound.append(pcm)
            if len(self._sound) > KEPT_FRAMES:
                self.cancel()
            for event in self._more:
                event.set()

    def look(self, told: Callable[[Sequence[str]], None]) -> None:
        """Tell what the server has told by now: its answers to the last 100 ms may be under way."""
        if self._local is not None:
            self._local.look(told)
        elif self._lost is None and not self._ended:
            words = [hearing.now({"partial": said}) for hearing, said in zip(self._hearings, self._told, strict=True)]
            asyncio.get_running_loop().call_soon(told, words)

    async def finish(self) -> Transcript:
        """The final result; raises EngineLost where there is no model here to take the server's place."""
        ended_at = asyncio.get_running_loop().time()
        self._ended = True
        for event in self._more:
            event.set()
        await asyncio.wait((self._task,))
        if self._local is not None:
            return await self._local.finish()
        if self._lost is not None:
            raise self._lost
        if self._task.cancelled():
            return Transcript((), None)
        heard = believed(self._wanted, self._hearings)
        return transcript(heard, (asyncio.get_running_loop().time() - ended_at) * 1000)

    def cancel(self) -> None:
        """Throw the utterance away."""
        self._task.cancel()
        self._sound.clear()
        if self._local is not None:
            self._local.cancel()

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for hearing, more in zip(self._hearings, self._more, strict=True):
                    group.create_task(self._hear(hearing, more))
        except* EngineLost as problems:
            found = problems.exceptions[0]
            assert isinstance(found, EngineLost)
            self._fall_back(found)
        else:
            self._engine.breaker.worked()
            self._engine.results["heard"] += 1
            if self._heard_in_part():
                self._hear_again()

    def _hear_again(self) -> None:
        """By the model here, where there is one; else what was told while it was said is what there is."""
        log.warning("speech server told words and then none", address=self._engine.address)
        self._local = self._here()
        if self._local is not None:
            for pcm in self._sound:
                self._local.feed(pcm)
            return
        for hearing, said in zip(self._hearings, self._untold, strict=True):
            if said:
                hearing.take({"text": said})

    def _done(self, task: asyncio.Task[None]) -> None:
        self._engine.under_way -= 1

    def _fall_back(self, problem: EngineLost) -> None:
        """The model here hears all of it again, and the rest."""
        log.warning("speech server lost in an utterance", problem=str(problem))
        self._engine.results["lost"] += 1
        self._tell_lost(self._engine)
        self._lost, self._local = problem, self._here()
        if self._local is not None:
            for pcm in self._sound:
                self._local.feed(pcm)
        self._sound.clear()

    async def _hear(self, hearing: Hearing, more: asyncio.Event) -> None:
        """One hearing: what has come goes out when the answer to what went before is there; so no more waits than must."""
        socket = await self._engine.connect(self._http, hearing)
        try:
            at = 0
            while True:
                while len(self._sound) - at < MESSAGE_FRAMES and not self._ended:
                    more.clear()
                    await more.wait()
                ended, upto = self._ended, len(self._sound)
                if upto > at:
                    self._take(hearing, await self._engine.ask(socket, b"".join(self._sound[at:upto])))
                    at = upto
                if ended:
                    await self._end(hearing, socket)
                    return
        finally:
            self._engine.leave(socket)

    async def _end(self, hearing: Hearing, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Nothing more is said: wait for the result, which some servers send after one more partial."""
        answer = await self._engine.ask(socket, EOF)
        self._take(hearing, answer)
        if not _is_result(answer):
            try:
                self._take(hearing, await self._engine.ask(socket, None))
            except EngineLost:
                if not answer.get("partial"):
                    raise
                self._take(hearing, {"text": ""})  # it has said all that it will

    def _take(self, hearing: Hearing, answer: dict[str, object]) -> None:
        number = next(at for at, one in enumerate(self._hearings) if one is hearing)
        if not _is_result(answer):
            if said := hearing.so_far(answer):
                self._told[number] = said.removeprefix(" ".join(hearing.best())).strip()
            if said and self._partial and number == len(self._hearings) - 1:
                self._partial(said)
            return
        before = len(hearing.segments)
        hearing.take(answer)
        if len(hearing.segments) == before and self._told[number]:
            self._untold[number] = self._told[number]
        self._told[number] = ""

    def _heard_in_part(self) -> bool:
        """Whether a server has told words while they were said, and then a result without any of them.

        One word after others may have been a noise that it has thought better of.
        """
        some = any(hearing.segments for hearing in self._hearings)
        return any(len(said.split()) > some for said in self._untold)


def _is_result(answer: dict[str, object]) -> bool:
    """Whether it is of a stretch that is over; some servers send a partial along, which is empty then."""
    return "partial" not in answer or bool(answer.get("text") or answer.get("alternatives"))
