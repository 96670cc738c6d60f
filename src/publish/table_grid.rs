//! Where the cells of a table stand: what they span, cut to what is there, and what is missing in a row.

/// No span is wider, and no table is filled up beyond this; more columns are somebody's mistake.
const MOST_COLUMNS: usize = 100;

/// How many columns and rows a cell asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) columns: usize,
    /// 0: all that are left of its part of the table.
    pub(super) rows: usize,
}

/// A row as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// What each of its cells spans.
    pub(super) spans: Vec<Span>,
    /// Cells that it lacks at its end.
    pub(super) missing: usize,
}

/// A cell in its place.
struct Placed {
    column: usize,
    /// The column and the row after its last.
    column_end: usize,
    row_end: usize,
}

/// The rows of a table, of which each names the part that it belongs to (head, bodies, foot) and what its cells ask for;
/// `None` for a row without cells, which is left out. A span ends with the part and before what comes down from above, and
/// counts only rows that are written and columns in which a cell begins.
pub(super) fn laid_out(rows: &[(usize, Vec<Span>)]) -> Vec<Option<Row>> {
    let mut covered = Vec::new();
    let placed: Vec<Vec<Placed>> = (0..rows.len()).map(|at| placed(rows, at, &mut covered)).collect();
    let mut begins = vec![false; covered.len()];
    placed.iter().flatten().for_each(|cell| begins[cell.column] = true);
    let width = begins.iter().filter(|begins| **begins).count();
    let mut held: Vec<usize> = vec![0; begins.len()];
    let mut written = Vec::new();
    for (at, cells) in placed.iter().enumerate() {
        if cells.is_empty() {
            written.push(None);
            continue;
        }
        for cell in cells {
            held[cell.column..cell.column_end].fill(cell.row_end);
        }
        let spans = cells.iter().map(|cell| Span {
            columns: begins[cell.column..cell.column_end].iter().filter(|begins| **begins).count(),
            rows: placed[at..cell.row_end].iter().filter(|cells| !cells.is_empty()).count(),
        });
        let is_open = |(until, begins): &(&usize, &bool)| **begins && **until <= at;
        let missing = if width > MOST_COLUMNS { 0 } else { held.iter().zip(&begins).filter(is_open).count() };
        written.push(Some(Row { spans: spans.collect(), missing }));
    }
    written
}

/// The cells of the row `at`, each in the first column that is free; `covered` is the row up to which each column is taken.
fn placed(rows: &[(usize, Vec<Span>)], at: usize, covered: &mut Vec<usize>) -> Vec<Placed> {
    let (part, cells) = &rows[at];
    let mut column = 0;
    let mut placed = Vec::with_capacity(cells.len());
    for cell in cells {
        while covered.get(column).is_some_and(|until| *until > at) {
            column += 1;
        }
        let most = column.saturating_add(cell.columns.max(1)).min(MOST_COLUMNS).max(column + 1);
        let column_end =
            (column + 1..most).find(|next| covered.get(*next).is_some_and(|until| *until > at)).unwrap_or(most);
        let asked = if cell.rows == 0 { rows.len() } else { at.saturating_add(cell.rows).min(rows.len()) };
        let row_end = (at + 1..asked).find(|row| rows[*row].0 != *part).unwrap_or(asked);
        covered.resize(covered.len().max(column_end), 0);
        covered[column..column_end].fill(row_end);
        placed.push(Placed { column, column_end, row_end });
        column = column_end;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as `part: columns×rows …`, and what becomes of them as `columns×rows … +missing`.
    fn shown(rows: &[&str]) -> Vec<String> {
        let number = |text: &str| text.parse::<usize>().unwrap();
        let span = |text: &str| {
            let (columns, rows) = text.split_once('x').unwrap();
            Span { columns: number(columns), rows: number(rows) }
        };
        let row = |text: &&str| {
            let (part, cells) = text.split_once(':').unwrap();
            (number(part), cells.split_whitespace().map(span).collect())
        };
        let rows: Vec<(usize, Vec<Span>)> = rows.iter().map(row).collect();
        let one = |row: Option<Row>| {
            let Some(row) = row else { return "-".to_owned() };
            let spans: Vec<String> = row.spans.iter().map(|span| format!("{}x{}", span.columns, span.rows)).collect();
            format!("{} +{}", spans.join(" "), row.missing)
        };
        laid_out(&rows).into_iter().map(one).collect()
    }

    #[test]
    fn spans_hold_and_only_what_is_missing_is_added() {
        for (rows, want) in [
            (vec!["0:1x1 1x1", "0:2x1"], vec!["1x1 1x1 +0", "2x1 +0"]),
            (
                vec!["0:1x1 1x1 1x1", "0:1x2 1x1 1x1", "0:1x1 1x1", "0:1x1"],
                vec!["1x1 1x1 1x1 +0", "1x2 1x1 1x1 +0", "1x1 1x1 +0", "1x1 +2"],
            ),
            // Beyond the last row, the last column, the part; as far as there is any.
            (vec!["0:1x9 1x1", "0:1x1"], vec!["1x2 1x1 +0", "1x1 +0"]),
            (vec!["0:9x1", "0:1x1 1x1"], vec!["2x1 +0", "1x1 1x1 +0"]),
            (vec!["0:1x3 1x1", "1:1x1 1x1"], vec!["1x1 1x1 +0", "1x1 1x1 +0"]),
            (vec!["0:1x0 1x1", "0:1x1", "0:1x1"], vec!["1x3 1x1 +0", "1x1 +0", "1x1 +0"]),
            (vec!["0:2x1 1x1", "0:2x1"], vec!["1x1 1x1 +0", "1x1 +1"]),
            // What comes down from above ends what is beside it.
            (vec!["0:1x1 1x2", "0:2x1"], vec!["1x1 1x2 +0", "1x1 +0"]),
            (vec!["0:1x2", "0:", "0:1x1 1x1"], vec!["1x1 +1", "-", "1x1 1x1 +0"]),
            (vec![], vec![]),
        ] {
            assert_eq!(shown(&rows), want, "{rows:?}");
        }
    }

    #[test]
    fn a_table_that_is_too_wide_is_not_filled_up() {
        let rows = [(0, vec![Span { columns: 1, rows: 1 }; 2_000]), (0, vec![Span { columns: 9_999, rows: 9_999 }])];
        let got = laid_out(&rows);
        assert_eq!(got[1], Some(Row { spans: vec![Span { columns: 100, rows: 1 }], missing: 0 }));
    }
}
