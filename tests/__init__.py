"""The tests of the project; the tree mirrors the source tree."""
