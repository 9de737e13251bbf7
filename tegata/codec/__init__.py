"""Bytes to values and back: strict, bounded, and nothing else.

`json` · `base64url` · `base58` · `inflate` · `jcs` · `dates`. No room below this one but `errors`.
"""
