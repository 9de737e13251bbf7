"""The verifier's copy of the list of issuers: pinned anchors, stored lists, never an older one than before."""
