"""Reads what people call a spreadsheet, by what is in the file and not by its name; refuses what would do harm."""
