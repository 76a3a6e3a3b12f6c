//! Why two customers are likely one, as it is stored with the pair: fields, findings and weights, no values.

use matching::{Field, Finding, Score, probability};
use platform::error::{AppError, AppResult};

/// Odds beyond this change nothing any more, in thousandths of a bit.
const MOST: f64 = 60_000.0;

/// What a field added to the odds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub field: Field,
    pub finding: Finding,
    /// Probability that strangers show this finding.
    pub rarity: f64,
    /// log2 of the factor by which the odds changed.
    pub weight: f64,
}

/// The odds before anything was compared, and what each field added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// log2 of the odds.
    pub prior: f64,
    pub steps: Vec<Step>,
}

impl Explanation {
    pub fn of(score: &Score) -> Self {
        let step = |part: &matching::Contribution| Step {
            field: part.field,
            finding: part.finding,
            rarity: part.rarity,
            weight: part.weight,
        };
        Self { prior: score.prior, steps: score.contributions.iter().map(step).collect() }
    }

    /// log2 of the odds of the two alone.
    pub fn log_odds(&self) -> f64 {
        self.prior + self.steps.iter().map(|step| step.weight).sum::<f64>()
    }

    /// The fields that were compared: a decision stands as long as these stay as they are.
    pub fn fields(&self) -> Vec<Field> {
        self.steps.iter().map(|step| step.field).collect()
    }

    /// The stored text.
    pub fn to_text(&self) -> String {
        let round = |number: f64| (number * 10_000.0).round() / 10_000.0;
        let step = |step: &Step| {
            serde_json::json!([step.field.as_str(), step.finding.as_str(), step.rarity as f32, round(step.weight)])
        };
        serde_json::json!([round(self.prior), self.steps.iter().map(step).collect::<Vec<_>>()]).to_string()
    }

    /// Reads the stored text.
    ///
    /// # Errors
    /// `Broken` when it is none.
    pub fn read(text: &str) -> AppResult<Self> {
        let (prior, steps): (f64, Vec<(String, String, f64, f64)>) =
            serde_json::from_str(text).map_err(AppError::broken)?;
        let step = |(field, finding, rarity, weight): (String, String, f64, f64)| {
            let field = Field::ALL.into_iter().find(|known| known.as_str() == field)?;
            let finding = Finding::ALL.into_iter().find(|known| known.as_str() == finding)?;
            Some(Step { field, finding, rarity, weight })
        };
        Ok(Self { prior, steps: steps.into_iter().filter_map(step).collect() })
    }
}

/// The stored names of fields.
pub fn field_names(fields: &[Field]) -> String {
    fields.iter().map(|field| field.as_str()).collect::<Vec<_>>().join(",")
}

/// Reads the stored names of fields.
pub fn read_fields(names: &str) -> Vec<Field> {
    names.split(',').filter_map(|name| Field::ALL.into_iter().find(|field| field.as_str() == name)).collect()
}

/// Thousandths of bits by which the odds speak against: what is stored of a probability. The surest pair has the least.
pub fn doubt_of_odds(log_odds: f64) -> i64 {
    (-log_odds * 1000.0).clamp(-MOST, MOST).round() as i64
}

/// As [`doubt_of_odds`], of a probability between 0 and 1.
pub fn doubt_of(probability: f64) -> i64 {
    doubt_of_odds((probability / (1.0 - probability)).log2())
}

/// The probability that a doubt stands for.
pub fn probability_of(doubt: i64) -> f64 {
    probability(-(doubt as f64) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_reads_back_and_adds_up() {
        let step = |field, finding, weight| Step { field, finding, rarity: 0.25, weight };
        let steps = vec![step(Field::Email, Finding::Same, 12.5), step(Field::FirstName, Finding::Nickname, -0.25)];
        let explanation = Explanation { prior: -17.125, steps };
        let read = Explanation::read(&explanation.to_text()).expect("read");
        assert_eq!(read, explanation);
        assert!((read.log_odds() + 4.875).abs() < 1e-9);
        assert_eq!(read_fields(&field_names(&read.fields())), [Field::Email, Field::FirstName]);
    }

    #[test]
    fn doubt_orders_as_probability_does() {
        for p in [0.001, 0.5, 0.82, 0.999_9] {
            assert!((probability_of(doubt_of(p)) - p).abs() < 1e-3, "{p}");
        }
        assert!(doubt_of(0.99) < doubt_of(0.5) && doubt_of(1.0) == -60_000);
    }
}
