"""Things of the film, drawn at any moment: sky and land, houses, trees, hats, gulls, the hatmaker."""
