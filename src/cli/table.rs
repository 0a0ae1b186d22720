//! Tables as the real command line draws them: three spaces between columns, `─` under the headers.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::console::Console;

const GAP: &str = "   ";
/// A column narrower than this says nothing any more.
const LEAST_WIDTH: usize = 10;

pub(crate) struct Table {
    headers: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(headers: [&'static str; N]) -> Self {
        Self {
            headers: headers.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.headers.len());
        self.rows.push(cells.to_vec());
    }

    pub(crate) fn print(&self, console: &Console) {
        let widths = self.widths(console.width());
        let header_style = Style::new().bold().fg_color(Some(AnsiColor::Cyan.into()));
        let headers: Vec<String> = self
            .headers
            .iter()
            .zip(&widths)
            .map(|(header, width)| console.styled(header_style, pad(header, *width)))
            .collect();
        console.line(headers.join(GAP));
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        console.line(rule.join(GAP));
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| pad(&cut(cell, *width), *width))
                .collect();
            console.line(cells.join(GAP));
        }
    }

    /// Widths of the columns; on a terminal the widest ones give way until the table fits.
    fn widths(&self, limit: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.headers.len())
            .map(|column| {
                let cells = self.rows.iter().map(|row| row[column].width());
                cells
                    .chain([self.headers[column].width()])
                    .max()
                    .unwrap_or_default()
            })
            .collect();
        let Some(limit) = limit else { return widths };
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > limit {
            match widths.iter_mut().max() {
                Some(widest) if *widest > LEAST_WIDTH => *widest -= 1,
                _ => break,
            }
        }
        widths
    }
}

fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        kept.push(character);
        if kept.width() > width - 1 {
            kept.pop();
            break;
        }
    }
    kept.push('…');
    kept
}
