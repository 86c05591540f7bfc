"""From one picture to another (pix2pix, Isola et al. 2017): generators without memory, which a live camera plays."""
