"""Right implementations in other styles than the reference, none of which the corpus may fail."""
