use super::Generator;
use crate::demand::Demand;
use kube_schema::{Number, Schema};
use serde_json::Value;

/// How many numbers are tried.
const TRIES: usize = 40;
/// Integers at the edges of what formats and floats can hold.
const EDGES: [i64; 10] = [
    0,
    -1,
    i32::MAX as i64,
    i32::MIN as i64,
    i32::MAX as i64 + 1,
    (1 << 53) - 1,
    1 << 53,
    (1 << 53) + 1,
    i64::MAX,
    i64::MIN,
];

impl Generator<'_> {
    pub(super) fn integer(&mut self, demand: &Demand<'_>, odd: bool) -> Option<Value> {
        let range = Range::of(demand);
        for i in 0..TRIES {
            let mut number = match self.random.below(6) {
                0 if odd => EDGES[self.random.below(EDGES.len())],
                1 | 2 => match self.hinted_integer() {
                    Some(number) => number,
                    None => range.draw(&mut self.random, i),
                },
                3 if odd => range.least,
                4 if odd => range.most,
                _ => range.draw(&mut self.random, i),
            };
            if let Some(factor) = range.factor {
                number -= number % factor;
            }
            let value = Value::from(number);
            if self.fits(&value, demand) {
                return Some(value);
            }
        }
        None
    }

    fn hinted_integer(&mut self) -> Option<i64> {
        self.hint()?.integer_for(&mut self.random)
    }

    pub(super) fn number(&mut self, demand: &Demand<'_>, odd: bool) -> Option<Value> {
        if self.random.percent(30)
            && let Some(value) = self.integer(demand, odd)
        {
            return Some(value);
        }
        let (least, most) = float_range(demand);
        let factor = demand.parts.iter().find_map(|part| part.multiple_of);
        for _ in 0..TRIES {
            let mut number = match self.random.below(6) {
                0 if odd => least,
                1 if odd => most,
                2 if odd => [0.0, -0.5, 1e-9, 1e18, -1e100, 0.1][self.random.below(6)],
                3 => match self
                    .hint()
                    .and_then(|hints| hints.float_for(&mut self.random))
                {
                    Some(number) => number,
                    None => least + 0.5,
                },
                _ => {
                    let share = [0.1, 0.25, 0.5, 0.75, 0.99][self.random.below(5)];
                    (most - least).min(100.0).mul_add(share, least)
                }
            };
            if let Some(factor) = factor.map(Number::as_f64) {
                number = (number / factor).round() * factor;
            }
            let value = Value::from(number);
            if self.fits(&value, demand) {
                return Some(value);
            }
        }
        self.integer(demand, odd)
    }
}

/// The integers to draw from.
struct Range {
    least: i64,
    most: i64,
    factor: Option<i64>,
}

impl Range {
    fn of(demand: &Demand<'_>) -> Self {
        let format = demand.spine.format.as_deref();
        let (lowest, highest) = match format {
            Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        let least = demand.most(lower);
        let most = demand.least(upper);
        let factors = demand.parts.iter().filter_map(|part| part.multiple_of);
        let factor = factors
            .filter_map(Number::as_i64)
            .filter(|factor| *factor > 0)
            .reduce(|a, b| a.saturating_mul(b));
        Self {
            least: least.unwrap_or(lowest).max(lowest),
            most: most.unwrap_or(highest).min(highest),
            factor,
        }
    }

    /// A small number if there is one, later any.
    fn draw(&self, random: &mut crate::random::Random, tried: usize) -> i64 {
        let from = self.least.max(if tried < TRIES / 2 { 0 } else { -100 });
        let from = if from > self.most { self.least } else { from };
        let factor = usize::try_from(self.factor.unwrap_or(1)).unwrap_or(1);
        let span = usize::try_from(self.most.saturating_sub(from)).unwrap_or(usize::MAX);
        let limit = span.min(12_usize.saturating_mul(factor)).saturating_add(1);
        from.saturating_add(i64::try_from(random.below(limit)).unwrap_or(0))
    }
}

/// The least integer that the bound allows.
fn lower(schema: &Schema) -> Option<i64> {
    let bound = integer(schema.minimum?, f64::ceil);
    let is_whole = schema.minimum?.as_i64().is_some();
    Some(bound.saturating_add(i64::from(schema.exclusive_minimum && is_whole)))
}

fn upper(schema: &Schema) -> Option<i64> {
    let bound = integer(schema.maximum?, f64::floor);
    let is_whole = schema.maximum?.as_i64().is_some();
    Some(bound.saturating_sub(i64::from(schema.exclusive_maximum && is_whole)))
}

#[allow(clippy::cast_possible_truncation)]
fn integer(bound: Number, round: impl Fn(f64) -> f64) -> i64 {
    bound
        .as_i64()
        .unwrap_or_else(|| round(bound.as_f64()) as i64)
}

/// The floats to draw from: those of the bounds, or a few around zero.
fn float_range(demand: &Demand<'_>) -> (f64, f64) {
    let lower = demand.parts.iter().filter_map(|part| part.minimum);
    let upper = demand.parts.iter().filter_map(|part| part.maximum);
    let least = lower.map(Number::as_f64).reduce(f64::max);
    let most = upper.map(Number::as_f64).reduce(f64::min);
    match (least, most) {
        (Some(least), Some(most)) => (least, most),
        (Some(least), None) => (least, least + 100.0),
        (None, Some(most)) => (most - 100.0, most),
        (None, None) => (-10.0, 100.0),
    }
}
