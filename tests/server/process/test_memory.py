"""Full collections do not go over what was loaded at start."""

from __future__ import annotations

import gc

from ivr.server.process.memory import spare_the_collector


def test_what_is_loaded_is_looked_at_no_more() -> None:
    loaded = {"a": ["dialogue"]}
    assert any(one is loaded for one in gc.get_objects())
    try:
        spare_the_collector()
        assert gc.get_freeze_count() > 0
        assert not any(one is loaded for one in gc.get_objects())
    finally:
        gc.unfreeze()
