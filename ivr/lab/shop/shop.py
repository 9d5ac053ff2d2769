"""The sample shop's customers, history and agents, with dates relative to today so that the story is always fresh."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from ivr.adapters.database import DatabaseAccounts, DatabaseIdentity, Store, import_file
from ivr.calls.people.accounts import Account
from ivr.calls.people.audit import Actor
from ivr.core.caller import Agent, AgentId
from ivr.lab.shop import books as shop_books

DNIS = "4000"
LIN_MEI = "+8613800138000"
ANNA_SCHMIDT = "+4930901820"
TOM_BAKER = "+4930901821"
WANG_FANG = "+8613900139000"
UNKNOWN = "+4915112345678"
PINS = {"C1001": "4071", "C1004": "6093"}
"""Of customers who are made up, like everything here. C1003 has none, and proves who he is by his last order."""

AGENTS = (
    Agent(
        AgentId("ana"), "Ana Kovač", "Local/1001@ivr-lab-phones/n", ("en", "zh"),
        {"delivery": 9, "returns": 5}, "Berlin", ("orders", "returns", "ivr-fallback"),
    ),
    Agent(
        AgentId("ben"), "Ben Okafor", "Local/1002@ivr-lab-phones/n", ("en",),
        {"delivery": 6, "returns": 8, "billing": 7}, "Hamburg", ("orders", "returns", "billing", "ivr-fallback"),
    ),
    Agent(
        AgentId("chen"), "陈晓 Chen Xiao", "Local/1003@ivr-lab-phones/n", ("zh", "en"),
        {"repairs": 9, "sales": 6}, "Berlin", ("repairs", "sales", "ivr-fallback"),
    ),
)  # fmt: skip


LEAD = "sue"
"""The supervisor; she has no phone."""


def _ago(now: datetime, **delta: float) -> str:
    return (now - timedelta(**delta)).isoformat(timespec="seconds")


def csv_files(now: datetime) -> dict[str, str]:
    """The shop's data as the CSV files that ``ivr import`` reads, in the order in which they must be read."""
    customers = f"""id,name,numbers,language,tier,region,salutation,salutation_zh,email,note
C1001,Lin Mei 林美,{LIN_MEI},en,gold,Berlin,Ms Lin,林女士,lin.mei@example.com,Prefers to be called back in the evening
C1002,Anna Schmidt,{ANNA_SCHMIDT},en,standard,Hamburg,Ms Schmidt,施密特女士,anna@example.com,
C1003,Tom Baker,{TOM_BAKER},en,silver,Berlin,Mr Baker,贝克先生,,
C1004,王芳,{WANG_FANG},zh,vip,Berlin,Ms Wang,王女士,,只用中文沟通
"""
    orders = f"""id,customer_id,product,status,ordered_at,due_at,amount
4711,C1001,Harbour Classic watch,late,{_ago(now, days=10)},{_ago(now, days=1)},189.00 EUR
4630,C1001,Leather strap,delivered,{_ago(now, days=48)},{_ago(now, days=41)},25.00 EUR
4802,C1002,Harbour Diver watch,shipped,{_ago(now, days=3)},{_ago(now, days=-2)},249.00 EUR
4655,C1003,Harbour Field watch,delivered,{_ago(now, days=30)},{_ago(now, days=24)},139.00 EUR
4820,C1004,海港月相表,processing,{_ago(now, days=1)},{_ago(now, days=-6)},459.00 EUR
"""
    cases = f"""id,customer_id,subject,status,opened_at,intent,queue,order_id
K-12,C1001,Where is order 4711?,open,{_ago(now, hours=20)},late_delivery,orders,4711
K-07,C1003,Glass scratched on arrival,waiting,{_ago(now, days=9)},repair,repairs,4655
"""
    contacts = f"""customer_id,channel,began_at,summary,intent,agent_id,solved
C1001,chat,{_ago(now, hours=20)},"“Where is my watch? It should be here by now.”",late_delivery,,false
C1001,shop,{_ago(now, days=10)},Ordered 4711 Harbour Classic watch,,,
C1001,phone,{_ago(now, days=40)},Strap arrived late; sent again by express,late_delivery,ana,true
C1002,mail,{_ago(now, days=3)},Order 4802 confirmed,,,
C1003,phone,{_ago(now, hours=5)},"“my watch stopped working”",repair,,
C1004,app,{_ago(now, days=1)},下单 4820 海港月相表,,,
"""
    return {"customers": customers, "orders": orders, "cases": cases, "contacts": contacts}


async def open_shop(
    store: Store, passwords: dict[str, str], now: datetime | None = None, books: Path | None = None
) -> None:
    """Fill a database with the shop; ``books`` is the file of the shop's own.

    ``passwords`` has one for each agent's login, and the supervisor's where there is to be one.
    """
    now = now or datetime.now(UTC)
    if books is not None:
        await asyncio.to_thread(shop_books.make, books, now.date())
    accounts = DatabaseAccounts(store)
    hasher = PasswordHasher()
    for agent in AGENTS:
        await accounts.save(agent, agent.id, hasher.hash(passwords[agent.id]))
    if LEAD in passwords:
        lead = Account(LEAD, hasher.hash(passwords[LEAD]), role="supervisor", name="Sue Park")
        await accounts.add(lead, Actor("console:shop"))
    for kind, text in csv_files(now).items():
        await import_file(store, kind, f"{kind}.csv", text, "DE")  # type: ignore[arg-type]  # the keys are the kinds
    for customer, pin in PINS.items():
        await DatabaseIdentity(store).set_pin(customer, pin, Actor("console:shop"))
