"""The formats that `rugs_lab.load` reads, each recognised by its content.

``known_formats``  the list, `rugs_lab.formats`; other packages add to it
``items``          what a reader is given (`Content`) and what it yields (`Item`)
``field_names``    names of keys and columns → events, games, prices
``json_text``      JSON lines and documents, Socket.IO frames, HAR
``tables``         DataFrames, CSV, Parquet, SQLite
``packed``         files in files: gzip, bzip2, xz, Zstandard, zip
"""
