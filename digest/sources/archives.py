"""The archives of arXiv: what its categories, and its ids until 2007, begin with."""

OWN_GROUP = ("cs", "math", "q-bio", "q-fin", "stat", "eess", "econ")
_PHYSICS = """
    astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics quant-ph
"""
_CLOSED = """
    acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga funct-an
    mtrl-th patt-sol plasm-ph q-alg solv-int supr-con
"""
"""Nobody can submit to them any more; old papers have them."""
ARCHIVES = frozenset((*OWN_GROUP, *_PHYSICS.split(), *_CLOSED.split()))
