"""Selection for many at once does what a plain reference implementation does for one after the other."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.relevance.selection import BLOCK
from tests.digest.relevance.reference import Paper, Wish, World, select, wishes, worlds


@given(worlds, st.lists(wishes, min_size=1, max_size=5), st.integers(1, 3))
@settings(max_examples=400)
def test_many_small_worlds_are_chosen_from_as_the_reference_does(
    world: World, people: list[Wish], indexes: int
):
    chosen = world.chooser(indexes).selections([one.profile() for one in people])

    assert chosen == [select(world, one) for one in people]


def test_a_big_world_is_chosen_from_as_the_reference_does():
    """300 papers, 400 people (more than one block of them) and 60 keywords."""
    chance = random.Random(20250926)
    words = [f"w{n}x" for n in range(60)]
    frequencies = [1 / (n + 1) for n in range(60)]

    def some(count: int) -> frozenset[str]:
        return frozenset(chance.choices(words, frequencies, k=count))

    world = World(
        [
            Paper(some(2), some(6), chance.choice([0.0, chance.uniform(0, 300)]), pin)
            for pin in [None] * 20 + [2, 1] + [None] * 278
        ],
        {
            word: {chance.randrange(300): chance.randrange(100, 1000) // 8 * 8 for _ in range(20)}
            for word in words
        },
    )
    people = [
        Wish(
            sorted(some(chance.randrange(9))),
            sorted(some(chance.choice([0, 0, 0, 1]))),
            chance.choice([3, 5, 10, 25]),
            chance.random() < 0.3,
            {
                chance.randrange(300): chance.choice([0.25, 0.5, 1.5, 2.0])
                for _ in range(chance.choice([0, 30]))
            },
        )
        for _ in range(400)
    ]
    assert len(people) > BLOCK

    chosen = world.chooser(3).selections([one.profile() for one in people])

    assert chosen == [select(world, one) for one in people]
    assert any(pick.related for one in chosen for pick in one.picks)
    assert any(one.left_out for one in chosen)
    assert any(not one.picks for one in chosen)
