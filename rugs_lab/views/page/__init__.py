"""Between the kernel and the page: one thread, one message per view and period.

``hub``            the thread that lets each view read; without viewers it sleeps
``page_messages``  what a page is sent: new rows of the feed's buffer, or a snapshot
``page_widget``    a widget that the hub feeds: who is looking, what the page asks for, its end
``notebook_place`` where in a notebook a view was made, and which view the next one replaces
``last_picture``   the picture below a widget, which stays in the notebook when the widget is gone
``shown_traits`` traits of a view that are what its feed shows, to be linked and observed
``part_base``      a part of a view beside the price chart: its state and its commands
``background_worker`` slow requests on a thread of their own: the newest counts, or all in order
``kernel_busy``    whether the kernel is running a cell
``assets``         the files of ``static/`` joined into one module; BokehJS of the installed package
"""
