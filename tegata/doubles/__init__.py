"""Doubles of the systems around Tegata that speak the real protocols: for the demo, for tests, for vendors.

They hold keys in plain files and trust what a person at a terminal says, so they refuse production.
"""
