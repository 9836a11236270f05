"""Every list as a file: rows by a cursor, written one after another as CSV or XLSX, in the words of the reader."""
