"""Every statement on the database, by noun: ``(session, …) → rows``. Functions that write flush and never commit."""
