"""Envelopes around bytes: signed (`jws`) and encrypted (`jwe`). What the bytes mean is somebody else's business."""
