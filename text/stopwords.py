"""Words that are left out: they hold sentences together and say little of who wrote them.

Negations (*not, no, never …*) and pronouns (*I, we, you, they …*) stay: personality research counts them
(Pennebaker & King, "Linguistic styles", Journal of Personality and Social Psychology 77, 1999).
"""

ARTICLES = "a an the"
PREPOSITIONS = "of in on at to for from by with as into onto upon over under through during than via per within across toward towards among between"
CONJUNCTIONS = "and or but if so that which whom whose while whereas although though nor"
AUXILIARIES = "be am is are was were been being have has had having do does did doing will would shall can could may might must"
POINTERS = "this these those there here then such both each other another own same"
PARTICLES = "'s ' up out off down just also too very more most much many some any"

KINDS = (ARTICLES, PREPOSITIONS, CONJUNCTIONS, AUXILIARIES, POINTERS, PARTICLES)
STOP_WORDS = frozenset(word for kind in KINDS for word in kind.split())
