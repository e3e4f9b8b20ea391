"""The scenes of `render_examples.py`, one a file, each a function from a random generator to a picture.

drawing           what every scene draws with
golf_ball         a dimpled sphere in drawn grass
parachute         a round canopy of bulging gores under a summer sky
relief            objects seen from the front, as a height map with colours: what the next two are made of
cassette_player   a portable radio recorder on a table
gas_pump          an old-fashioned pump on a forecourt
"""
