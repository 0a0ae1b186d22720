//! Many values of one thing.

/// What was measured several times, in one unit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The value that this share of the values does not exceed, by rank; 0 without values.
    fn at(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a small count"
        )]
        let rank = (share * last as f64).round() as usize;
        sorted.get(rank).copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> f64 {
        self.at(0.5)
    }

    pub(crate) fn mean(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "a small count")]
        let count = self.0.len().max(1) as f64;
        self.0.iter().sum::<f64>() / count
    }

    /// `median | least | nine in ten | most`: cells of a table.
    pub(crate) fn cells(&self) -> String {
        [0.5, 0.0, 0.9, 1.0]
            .map(|share| shown(self.at(share)))
            .join(" | ")
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<T: IntoIterator<Item = f64>>(values: T) -> Self {
        Self(values.into_iter().collect())
    }
}

/// Three digits that matter.
pub(crate) fn shown(value: f64) -> String {
    match value {
        _ if value >= 100.0 => format!("{value:.0}"),
        _ if value >= 10.0 => format!("{value:.1}"),
        _ if value >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}
