"""The verifying part of the W3C's HTTP API (VCALM): one result shape for credentials and presentations."""
