"""The issuer: schools sign documents with keys bound to their organisation's identity, learners' wallets take them."""
