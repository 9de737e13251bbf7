"""`make bench`: what the product costs, as ratios to raw signatures taken in the same run. No test depends on a time."""
