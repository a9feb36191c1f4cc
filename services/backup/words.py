"""What copies say to people, in files beside them."""

from __future__ import annotations

from services.texts import Texts

text = Texts("services.backup")
