"""The widgets: `watch` shows a feed live, `replay` recorded games, `lab` a strategy.

How a tick reaches the screen::

    feed thread ──append──▶ buffer ◀──since(cursor)── hub thread, 20 Hz ──one binary message──▶ page
    page ──hello, ping, command──▶ handler on any thread: takes notes; the hub answers

``page``          between the kernel and the page: the hub thread, messages, the widget's base class, assets
``cells``         the widgets shown in a notebook
``parts``         panels next to the price chart
``strategy_lab``  the strategy widget
``static``        JavaScript and CSS; a file is named like its Python counterpart

The data have one owner, the feed's ring. A page that missed a message, fell behind or came back gets a
snapshot, never a backlog. Nothing here runs on the kernel's own thread, so widgets continue while the kernel
is busy.
"""
