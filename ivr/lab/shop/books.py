"""The sample shop's own books: what its machine looks up and writes when it settles something by itself.

``python -m ivr.lab.shop.books FILE`` makes them anew, with dates relative to today.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from holidays import country_holidays

TABLES = """
create table faults (region text not null, text_en text not null, text_zh text not null, until text not null);
create table visits (day text not null, at text not null, customer text, primary key (day, at));
create table regions (prefix text primary key, region text not null, region_zh text not null);
create table returns (order_id text not null, customer text not null, asked_at text not null);
create table moves (ani text, post_code text not null, region text, day text not null, asked_at text not null);
create table repairs (customer text not null, watch text not null, state text not null, ready text not null);
create table balances (customer text primary key, amount text not null, due text not null);
"""
REGIONS = (
    ("1", "Berlin", "柏林"), ("20", "Hamburg", "汉堡"), ("21", "Hamburg", "汉堡"), ("22", "Hamburg", "汉堡"),
    ("8", "Munich", "慕尼黑"), ("50", "Cologne", "科隆"),
)  # fmt: skip
TIMES = ("09:30", "11:00", "14:30", "16:00")
DAYS = 60
SATURDAY, SUNDAY = 5, 6
CLOSED = ((12, 24), (12, 31))
FAULT_EN = "Deliveries in Hamburg are one day late at the moment, because the parcel centre is flooded."
FAULT_ZH = "由于汉堡包裹中心进水，目前汉堡的配送会晚一天。"


def make(path: Path, today: date) -> None:
    """Write the books of this day into a new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as books:
        books.execute("pragma journal_mode = wal")
        books.executescript(TABLES)
        until = (today + timedelta(days=1)).isoformat()
        books.execute("insert into faults values ('Hamburg', ?, ?, ?)", (FAULT_EN, FAULT_ZH, until))
        books.executemany("insert into regions values (?, ?, ?)", REGIONS)
        days = [today + timedelta(days=n) for n in range(1, DAYS)]
        books.executemany(
            "insert into visits values (?, ?, null)", [(d.isoformat(), at) for d in days for at in open_at(d)]
        )
        due = (today + timedelta(days=12)).isoformat()
        owed = [("C1001", "189.00 EUR", due), ("C1003", "24.50 EUR", due)]
        books.executemany("insert into balances values (?, ?, ?)", owed)
        in_six_days = (today + timedelta(days=6)).isoformat()
        at_work = [
            ("C1001", "Harbour Moon", "at work", in_six_days), ("C1002", "Harbour Classic", "ready", today.isoformat()),
            ("C1004", "海港经典表", "part", in_six_days),
        ]  # fmt: skip
        books.executemany("insert into repairs values (?, ?, ?, ?)", at_work)
        books.commit()


def open_at(day: date) -> tuple[str, ...]:
    """When one can come on a day: the hours of dialplans/shop.toml."""
    if day.weekday() == SUNDAY or (day.month, day.day) in CLOSED or day in country_holidays("DE", subdiv="BE"):
        return ()
    return tuple(at for at in TIMES if day.weekday() != SATURDAY or at < "14:00")


def main() -> int:
    """Make the books in the file that is named."""
    if len(sys.argv) != 2:
        print("python -m ivr.lab.shop.books FILE", file=sys.stderr)
        return 2
    make(Path(sys.argv[1]), date.today())  # the shop's own day
    print(f"{sys.argv[1]}: the sample shop's books of today")
    return 0


if __name__ == "__main__":
    sys.exit(main())
