"""Links by spreadsheet: takes what an administrator has, answers every row, and plans what the rows ask for."""
