"""The quality of assessment: figures about how tests are judged, for those who answer for it. They judge nobody: a figure
is a reason to look, and says itself how far it can be trusted."""
