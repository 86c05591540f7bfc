"""Translation of pictures (pix2pix, Isola et al. 2017): generators without memory, driven by a live camera."""
