"""A recorded world on loopback: every source we read, true to its wire format, with faults on request."""
