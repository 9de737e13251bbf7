"""The organisations that ask: each is a tenant, and sees its own requests only."""
