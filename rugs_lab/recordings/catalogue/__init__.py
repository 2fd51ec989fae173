"""The Parquet archive of a folder of recordings: one file a month.

``seal``            `seal`: recordings → archive, checked before anything counts as archived
``catalogue``       which files the archive covers; reading it
``parquet``         one Parquet file: a row per game, prices as a list
``light_columns``   the columns without lists once more, for opening
``parquet_schema``  columns, and the conversion of each
``parquet_checks``  a file is what its schema says
"""
