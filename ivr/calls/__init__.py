"""The live calls: what the outside must offer (ports), one call (session), all calls (switchboard)."""
