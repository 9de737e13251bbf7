"""Who may issue: certifies keys, grants document types, publishes the trust list."""
