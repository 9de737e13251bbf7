"""The holder's part of the W3C's API (VCALM §3.5): showing less of a credential."""
