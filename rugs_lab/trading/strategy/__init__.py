"""What a strategy is, and what it sees.

``strategy``           the decorator `strategy`; `Strategy`: a function of an observation, with its parameters
``observation``        `Observation`: what is known at a tick, and nothing later
``signals``            a strategy made of two boolean columns
``strategy_registry``  every strategy by name: built-in ones and those of other packages
``error_messages``     what a strategy raised, in words: line, game, tick, hint
``kept_code``          machine code of strategies, from one process to the next
"""
