"""Lists of people from elsewhere: what stands in a file, read and checked. Nothing here writes.

`upload` opens a file of any of the formats and gives what it holds line by line, each line either
a person or set aside with the reason. What becomes of them is `lifecycle.import_people`'s business.
"""

from subscriptions.imports.found import FileRefused, FoundPerson, SetAside, Standing
from subscriptions.imports.reading import FORMATS, Upload, upload

__all__ = ["FORMATS", "FileRefused", "FoundPerson", "SetAside", "Standing", "Upload", "upload"]
