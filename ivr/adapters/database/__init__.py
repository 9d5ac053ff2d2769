"""Customers, their history and the contacts, in SQLite or PostgreSQL through SQLAlchemy Core."""

from ivr.adapters.database.audit import DatabaseAudit
from ivr.adapters.database.call_backs import DatabaseCallBacks
from ivr.adapters.database.calls import DatabaseCalls
from ivr.adapters.database.channels import DatabaseContacts, DatabaseSignals
from ivr.adapters.database.customers import DatabaseDirectory, DatabaseMemory
from ivr.adapters.database.desk import DatabaseDesk
from ivr.adapters.database.identity import DatabaseIdentity, PinRefused
from ivr.adapters.database.importer import import_file
from ivr.adapters.database.keys import DatabaseKeys
from ivr.adapters.database.outbox import DatabaseOutbox
from ivr.adapters.database.outcomes import DatabaseOutcomes
from ivr.adapters.database.people import DatabaseAccounts
from ivr.adapters.database.records import DatabaseRecords
from ivr.adapters.database.second_factors import DatabaseSecondFactors
from ivr.adapters.database.sessions import DatabaseSessions
from ivr.adapters.database.settlements import DatabaseSettlements
from ivr.adapters.database.store import Store
from ivr.adapters.database.webhooks import DatabaseWebhooks
from ivr.wire.customers.csv_rows import ImportFailed

__all__ = [
    "DatabaseAccounts", "DatabaseAudit", "DatabaseCallBacks", "DatabaseCalls", "DatabaseContacts", "DatabaseDesk",
    "DatabaseDirectory",
    "DatabaseIdentity", "DatabaseKeys", "DatabaseMemory", "DatabaseOutbox", "DatabaseOutcomes", "DatabaseRecords",
    "DatabaseSecondFactors", "DatabaseSessions",
    "DatabaseSettlements", "DatabaseSignals",
    "DatabaseWebhooks", "ImportFailed", "PinRefused", "Store", "import_file",
]  # fmt: skip
