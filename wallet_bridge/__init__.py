"""The wallet bridge: it will tie the holder to JPKI authentication. For now: health, keys, and a page that says so."""
