"""The dialect of the tiny project's lamp, for tests of logs."""

DIALECT = """
title = "what the lamp prints"
digits = 15
total = { turns = ["turn"] }

[axes]
pixel = ["slow", "fast"]
turn = ["turn"]

[[line]]
form = "LAMP pixel {slow},{fast}"

[[line]]
form = "LAMP made by {command}"

[[line]]
form = "LAMP: {key} = {values}"

[[line]]
form = "LAMP: {key} {values}"

[[line]]
form = "LAMP_TURN {pairs}"

[ignored]
mood = "it is not of this world"
room = "nobody has written its rules yet"

[names]
height_m = { is = "height", unit = "m", keep = "last" }
x_m = { is = "x", unit = "m" }
x_mm = { is = "x", unit = "mm" }
dist = { is = "distance", unit = "m" }
dist_mm = { is = "distance", unit = "m", label = "mm" }
power_w = { is = "power", unit = "W" }
light = { is = "light", unit = "W/m^2", along = ["turn"] }
stored = { is = "image", unit = "W/m^2" }
shut = { is = "shuttered" }
"""
