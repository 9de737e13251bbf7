"""Status lists as they were fetched: kept until they are due, asked for by one process at a time."""
