"""Real programs and protocol peers that tests run against."""
