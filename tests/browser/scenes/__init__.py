"""Every page of the person's side in every state, and how somebody gets there."""

from tests.browser.scenes import leaving, preferences, reading, signing_up
from tests.browser.scenes.scene import Scene

SCENES: list[Scene] = [*reading.SCENES, *signing_up.SCENES, *preferences.SCENES, *leaving.SCENES]
