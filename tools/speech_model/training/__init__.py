"""How the network was trained, on synthetic speech only. Not run by the tests; needs torch, scipy and the synthesisers."""
