"""Paper accounts on a feed.

``feed_account``     `FeedAccount`: an account that follows a feed: ticks, settlement, orders
``paper_account``    `Paper`: such an account with its strategy, its frames and its statistics
``accounts``         `accounts_of`: the accounts of a feed, which all of its widgets share
``strategy_driver``  asks a strategy at every tick and submits its orders
``decision_trace``   every decision: what was seen, ordered and filled
``demonstrations``   decisions made by hand, as training data
``paper_stats``      the statistics of an account so far
``versus_humans``    each game beside the people who played it
``bots_table``       all bots of a feed in one table
"""
