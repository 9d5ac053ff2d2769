"""What can be set about the pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ivr.calls.people.second_factor import WhoNeeds


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The settings of the web part; every one has a default that is safe in production."""

    version: str = ""
    """Shown in the help of the desk, never to people who are not signed in."""
    softphone_address: str = ""
    """Asterisk's WebSocket, where pages may connect to besides ourselves, and then with a microphone; empty: no softphone."""
    vendor: Path | None = None
    """The folder with other people's modules, served to whoever is signed in."""
    secure_cookies: bool = True
    """Cookies only over TLS, with the ``__Host-`` prefix, and HSTS. False only for a trial over plain HTTP."""
    hosts: tuple[str, ...] = ()
    """The names under which browsers reach us; none: those that this machine has, and behind TLS whatever name TLS has proved."""
    listens_on: str = "127.0.0.1"
    session_hours: float = 12.0
    """A session ends this long after its sign-in, whatever happens."""
    idle_minutes: float = 60.0
    """A session without an open desk and without a request ends after this time."""
    sessions_per_login: int = 8
    """One more ends the oldest."""
    max_attempts: int = 5
    """Sign-ins that may fail for one login name from one network before each costs a wait, which then grows."""
    max_attempts_per_address: int = 30
    """Those that may fail from one network within the window, whatever the names: a whole office may sit behind one."""
    attempt_window_minutes: float = 15.0
    named_pause_s: float = 2.0
    """How long strangers wait for their answer where as many have failed for one name; nobody is refused for that."""
    key_requests_per_s: float = 10.0
    """What one API key may ask for; twice as many at once."""
    person_requests_per_s: float = 20.0
    """What one person's pages may ask the API for; twice as many at once."""
    pop_windows: bool = False
    """Desks open another system's page by themselves, and the next one in the same tab."""
    private_webhooks: bool = False
    """Webhooks may lead into private networks, and over plain HTTP."""
    sign_on_name: str = ""
    """What people call the OIDC provider at which they may sign in; empty: there is none."""
    second_factor: WhoNeeds = "off"
    """Who must have a second factor; those who sign in at a provider have theirs there."""
    trust_forwarded_for: bool = False
    """Take the caller's address from the last ``X-Forwarded-For``: only behind a proxy that sets it."""
    windows_per_session: int = 16
    """Desks that one sign-in may have open at once; a page that opens them without end must not use up the server."""
    messages_per_s: float = 20.0
    """What a desk may send; twice as many at once."""
    message_bytes: int = 32 * 1024
    """The longest message of a desk: a note of 2000 characters fits however it is escaped."""
    heartbeat_s: float = 15.0
    send_s: float = 10.0
    """A browser that does not take a message in this time is disconnected."""
    action_s: float = 15.0
    """The longest that an action asked for by a desk may take."""
    recheck_s: float = 60.0
    """How often an open desk makes sure that its account and session still exist."""

    def cookie(self, name: str) -> str:
        """The whole name of a cookie of ours."""
        return f"{'__Host-' if self.secure_cookies else ''}ivr_{name}"
