"""Each service in its exact wire format: a module has `answer(ask) -> Reply`."""
