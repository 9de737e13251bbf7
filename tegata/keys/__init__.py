"""Keys: the signer that everything signs through, and the public keys that everything verifies with."""
