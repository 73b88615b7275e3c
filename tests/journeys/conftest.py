from tests.conftest import ON_SERVERS

# The demo never uses a server: one run on the embedded stack says all there is to say.
collect_ignore = ["test_demo.py"] if ON_SERVERS else []
