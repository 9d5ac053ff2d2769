"""What the pages may do when there is a phone in them, and what they may not when there is none."""

from __future__ import annotations

from pathlib import Path

from tests.web.web_fakes import browser, serving


async def test_page_may_reach_asterisk_and_the_microphone_only_with_a_softphone() -> None:
    async with serving() as site, browser() as http, http.get(site.url + "/sign-in") as page:
        assert "connect-src 'self';" in page.headers["Content-Security-Policy"]
        assert "microphone=()" in page.headers["Permissions-Policy"]
    address = "wss://pbx.example.com:8089/ws"
    async with serving(softphone_address=address) as site, browser() as http, http.get(site.url + "/sign-in") as page:
        policy = page.headers["Content-Security-Policy"]
        assert "connect-src 'self' wss://pbx.example.com:8089;" in policy and "script-src 'self';" in policy
        assert "microphone=(self)" in page.headers["Permissions-Policy"]


async def test_modules_of_others_are_served_to_those_who_are_signed_in(tmp_path: Path) -> None:
    (tmp_path / "some-1.0/lib").mkdir(parents=True)
    (tmp_path / "some-1.0/lib/index.js").write_text("export const a = 1;")
    (tmp_path / "some-1.0/LICENSE.md").write_text("MIT")
    (tmp_path.parent / "secret.js").write_text("no")
    async with serving(vendor=tmp_path) as site:
        address = site.url + "/static/vendor/"
        async with browser() as stranger, stranger.get(address + "some-1.0/lib/index.js") as answer:
            assert answer.status == 401
        async with site.signed_in() as http:
            async with http.get(address + "some-1.0/lib/index.js") as answer:
                assert answer.status == 200 and answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
                assert "immutable" in answer.headers["Cache-Control"] and "private" in answer.headers["Cache-Control"]
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
            for path in ("some-1.0/LICENSE.md", "some-1.0/lib/none.js", "../secret.js", "%2e%2e/secret.js"):
                async with http.get(address + path) as answer:
                    assert answer.status == 404, path
