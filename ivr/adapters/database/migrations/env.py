"""Alembic's entry: runs on the connection that ``Store.migrate`` hands over, or offline for a review of the SQL."""

from alembic import context

from ivr.adapters.database.schema.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    context.configure(
        url=context.config.get_main_option("sqlalchemy.url"), target_metadata=metadata, literal_binds=True
    )
else:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
