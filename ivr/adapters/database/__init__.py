"""Customers, their history and the contacts, in SQLite or PostgreSQL through SQLAlchemy Core."""

from ivr.adapters.database.contacts.call_backs import DatabaseCallBacks
from ivr.adapters.database.contacts.calls import DatabaseCalls
from ivr.adapters.database.contacts.channels import DatabaseContacts, DatabaseSignals
from ivr.adapters.database.contacts.outcomes import DatabaseOutcomes
from ivr.adapters.database.contacts.records import DatabaseRecords
from ivr.adapters.database.customers.directory import DatabaseDirectory, DatabaseMemory
from ivr.adapters.database.customers.identity import DatabaseIdentity, PinRefused
from ivr.adapters.database.customers.importer import import_file
from ivr.adapters.database.customers.settlements import DatabaseSettlements
from ivr.adapters.database.integrations.outbox import DatabaseOutbox
from ivr.adapters.database.integrations.webhooks import DatabaseWebhooks
from ivr.adapters.database.people.accounts import DatabaseAccounts
from ivr.adapters.database.people.audit import DatabaseAudit
from ivr.adapters.database.people.desk import DatabaseDesk
from ivr.adapters.database.people.keys import DatabaseKeys
from ivr.adapters.database.people.second_factors import DatabaseSecondFactors
from ivr.adapters.database.people.sessions import DatabaseSessions
from ivr.adapters.database.store import Store
from ivr.wire.customers.csv_rows import ImportFailed

__all__ = [
    "DatabaseAccounts", "DatabaseAudit", "DatabaseCallBacks", "DatabaseCalls", "DatabaseContacts", "DatabaseDesk",
    "DatabaseDirectory",
    "DatabaseIdentity", "DatabaseKeys", "DatabaseMemory", "DatabaseOutbox", "DatabaseOutcomes", "DatabaseRecords",
    "DatabaseSecondFactors", "DatabaseSessions",
    "DatabaseSettlements", "DatabaseSignals",
    "DatabaseWebhooks", "ImportFailed", "PinRefused", "Store", "import_file",
]  # fmt: skip
