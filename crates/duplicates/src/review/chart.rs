//! The explanation of a pair as a waterfall: each field a bar that begins where the one before ended. Beside every bar
//! stands what it says, so the drawing itself is left out for those who listen.

use platform::i18n::Lang;

use super::explain::Explanation;
use crate::likely::{field_words, finding_words};

/// Width of a bar's drawing, in its own units.
pub const WIDTH: f64 = 240.0;

/// One line of the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub field: &'static str,
    pub finding: &'static str,
    /// log2 of the factor by which the odds changed, with its sign.
    pub weight: String,
    /// How rare the agreement is among strangers: one in so many, where that is worth saying.
    pub one_in: Option<i64>,
    pub is_for: bool,
    /// Where the bar begins, and how long it is.
    pub x: f64,
    pub width: f64,
}

/// The lines of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// Before anything was compared.
    pub prior: Bar,
    pub bars: Vec<Bar>,
    /// All together.
    pub total: Bar,
    /// Where the odds are even.
    pub zero: f64,
}

/// Rarity from which on it is worth saying.
const RARE: f64 = 0.1;

/// Lays out the bars on a common scale.
pub fn waterfall(explanation: &Explanation, lang: Lang) -> Waterfall {
    let mut ends = vec![0.0, explanation.prior];
    for step in &explanation.steps {
        ends.push(ends.last().copied().unwrap_or(0.0) + step.weight);
    }
    let least = ends.iter().copied().fold(0.0, f64::min);
    let most = ends.iter().copied().fold(0.0, f64::max);
    let scale = WIDTH / (most - least).max(1.0);
    let at = |odds: f64| round((odds - least) * scale);
    let bar = |field, finding, from: f64, to: f64, one_in| Bar {
        field,
        finding,
        weight: signed(to - from, lang),
        one_in,
        is_for: to >= from,
        x: at(from.min(to)),
        width: at(from.max(to)) - at(from.min(to)),
    };
    let bars = explanation.steps.iter().zip(ends[1..].windows(2)).map(|(step, ends)| {
        let is_rare = step.rarity <= RARE && step.finding != matching::Finding::Different;
        let one_in = is_rare.then(|| (1.0 / step.rarity.max(1e-12)).round() as i64);
        bar(field_words(step.field), finding_words(step.finding), ends[0], ends[1], one_in)
    });
    let odds = explanation.log_odds();
    Waterfall {
        prior: bar("", "", 0.0, explanation.prior, None),
        bars: bars.collect(),
        total: bar("", "", 0.0, odds, None),
        zero: at(0.0),
    }
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

fn signed(number: f64, lang: Lang) -> String {
    let text = format!("{number:+.1}").replace('-', "\u{2212}");
    if lang == Lang::Nl { text.replace('.', ",") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Step;
    use matching::{Field, Finding};

    #[test]
    fn every_bar_begins_where_the_one_before_ended() {
        let step = |field, finding, weight| Step { field, finding, rarity: 0.001, weight };
        let steps = vec![
            step(Field::LastName, Finding::Same, 9.0),
            step(Field::FirstName, Finding::Different, -4.0),
            step(Field::Email, Finding::Same, 15.0),
        ];
        let chart = waterfall(&Explanation { prior: -16.0, steps }, Lang::En);
        assert_eq!((chart.prior.x, chart.prior.width), (0.0, 192.0), "from even odds down");
        assert_eq!(chart.zero, 192.0);
        assert_eq!((chart.bars[0].x, chart.bars[0].width), (0.0, 108.0));
        assert_eq!((chart.bars[1].x, chart.bars[1].width, chart.bars[1].is_for), (60.0, 48.0, false));
        assert_eq!((chart.bars[2].x, chart.bars[2].width), (60.0, 180.0));
        assert_eq!((chart.total.x, chart.total.width), (192.0, 48.0));
        assert_eq!(chart.bars[1].weight, "−4.0");
        assert_eq!((chart.bars[0].one_in, chart.bars[1].one_in), (Some(1000), None));
    }
}
