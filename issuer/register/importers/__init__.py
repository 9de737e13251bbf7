"""From a school system's files to facts: pure functions, bytes in, facts and problems out. Nothing is stored here."""
