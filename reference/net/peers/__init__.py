"""How nodes talk to each other: frames, codecs, links that connect again."""
