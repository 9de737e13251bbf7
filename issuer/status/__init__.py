"""The status of every signed instance: one entry each, published in both renderings of the same lists."""
