"""Recording: events → lines → files, on a disk that may fail at any byte.

``recorder``     `Recorder`: runs on a thread of its own
``line_types``   what each line holds, as types
``line_format``  the text of each line, written and read
``write_queue``  lines that wait to be written, bounded
``file_writer``  when a file begins, is synced and is abandoned
``journal``      a file that only grows, line by line, and its recovery from a torn last line
``player_names`` names and ids of players: written, hashed, left out
``disk``         every system call that recording needs
"""
