//! The table, as it is printed and as it stands in the document.

use crate::{
    rows::{Budget, Measured, Row, Unit},
    samples::Samples,
    spread::Spread,
};

const HEAD: [&str; 6] = ["what", "median (best … worst)", "beside it", "ratio", "promised", ""];

/// The table in Markdown, columns aligned, so that it also reads well in a terminal.
pub(crate) fn table(rows: &[Row], samples: &Samples) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(|row| match row.measured(samples) {
        Some(measured) => cells(row, &measured),
        None => [row.what.clone(), "not measured".into(), String::new(), String::new(), promised(row), String::new()],
    }));
    let widths: Vec<usize> =
        (0..HEAD.len()).map(|at| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or(0)).collect();
    let line = |cells: &[String; 6]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!(" {cell:<width$} ")).collect::<Vec<_>>();
        format!("|{}|\n", padded.join("|"))
    };
    let rule = widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("|");
    let mut text = line(&lines[0]) + &format!("|{rule}|\n");
    lines[1..].iter().for_each(|cells| text += &line(cells));
    text
}

fn cells(row: &Row, measured: &Measured) -> [String; 6] {
    let beside =
        measured.beside.map_or(String::new(), |(label, figure)| format!("{} {label}", spread(figure, row.unit)));
    let verdict = match row.kept(measured) {
        Some(true) => "kept",
        Some(false) => "MISSED",
        None => "",
    };
    let ratio = measured.ratio().map_or(String::new(), ratio);
    [row.what.clone(), spread(measured.figure, row.unit), beside, ratio, promised(row), verdict.into()]
}

fn promised(row: &Row) -> String {
    match row.budget {
        Budget::AtMost(most) => format!("≤ {}", figure(most, row.unit)),
        Budget::TimesAtMost(most) => format!("≤ {most} ×"),
        Budget::TimesLess(least) => format!("≤ 1/{least} ×"),
        Budget::Nothing => String::new(),
    }
}

fn ratio(ratio: f64) -> String {
    if ratio < 0.1 { format!("1/{:.0} ×", 1.0 / ratio) } else { format!("{ratio:.2} ×") }
}

fn spread(spread: Spread, unit: Unit) -> String {
    let Spread { median, min, max } = spread;
    if (max - min).abs() < f64::EPSILON {
        return figure(median, unit);
    }
    format!("{} ({} … {})", figure(median, unit), figure(min, unit), figure(max, unit))
}

const MIB: f64 = 1_048_576.0;

/// Three digits that count.
fn figure(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds if value >= 1e9 => format!("{} s", digits(value / 1e9)),
        Unit::Nanoseconds if value >= 1e6 => format!("{} ms", digits(value / 1e6)),
        Unit::Nanoseconds if value >= 1e3 => format!("{} µs", digits(value / 1e3)),
        Unit::Nanoseconds => format!("{} ns", digits(value)),
        Unit::Bytes if value >= MIB => format!("{} MiB", digits(value / MIB)),
        Unit::Bytes => format!("{value:.0} B"),
        Unit::Percent => format!("{} %", digits(value)),
        Unit::Count => format!("{value:.0}"),
    }
}

fn digits(value: f64) -> String {
    let places = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        let figures = [0.567, 23.44, 999.0, 1_500.0, 20e6, 3.21e9].map(|value| figure(value, Unit::Nanoseconds));
        assert_eq!(figures, ["0.57 ns", "23.4 ns", "999 ns", "1.5 µs", "20 ms", "3.21 s"]);
        assert_eq!([239.6, 3.0 * MIB].map(|value| figure(value, Unit::Bytes)), ["240 B", "3 MiB"]);
    }

    #[test]
    fn a_small_ratio_is_read_the_other_way_round() {
        assert_eq!((ratio(2.6), ratio(0.5), ratio(0.002)), ("2.60 ×".into(), "0.50 ×".into(), "1/500 ×".into()));
    }
}
