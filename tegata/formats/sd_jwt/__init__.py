"""SD-JWT (RFC 9901), whatever is said in it: SD-JWT VC and the W3C's credentials stand on this.

policy        which claims a type lets its holder hide, as a tree
hiding        claims behind salted digests, on issue
disclosure    disclosures back in their places, on verify
selection     which disclosures show certain claims
key_binding   the holder's proof for one reader

Not for what a payload means, nor for whose key it was signed with.
"""
