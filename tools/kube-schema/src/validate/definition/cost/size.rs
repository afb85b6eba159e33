//! Sizes, and costs that follow from them.

/// cel-go's `common/cost.go`: what going through a text costs for each character,
pub(super) const PER_CHARACTER: f64 = 0.1;
/// and what a regular expression costs for each of its own.
pub(super) const PER_PATTERN_CHARACTER: f64 = 0.25;

/// How many characters, bytes, elements or entries a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub min: u64,
    pub max: u64,
}

impl Size {
    pub const UNKNOWN: Self = Self {
        min: 0,
        max: u64::MAX,
    };

    pub fn fixed(size: u64) -> Self {
        Self {
            min: size,
            max: size,
        }
    }

    pub fn up_to(max: u64) -> Self {
        Self { min: 0, max }
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            min: self.min.saturating_add(other.min),
            max: self.max.saturating_add(other.max),
        }
    }

    pub fn times(self, other: Self) -> Self {
        Self {
            min: self.min.saturating_mul(other.min),
            max: self.max.saturating_mul(other.max),
        }
    }

    /// The smallest range that holds both.
    pub fn or(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// What going through all of it costs at most.
    pub fn cost(self, factor: f64) -> u64 {
        scaled(self.max, factor)
    }

    /// What going through a text of this size costs at most.
    pub fn text_cost(self) -> u64 {
        self.cost(PER_CHARACTER)
    }
}

/// The product, rounded up (`multiplyByCostFactor`): in floats, as on the server.
pub(super) fn scaled(value: u64, factor: f64) -> u64 {
    const LIMIT: f64 = 18_446_744_073_709_551_616.0; // 2^64
    let float = value as f64;
    if float > 0.0 && factor > 0.0 && float > LIMIT / factor {
        return u64::MAX;
    }
    let product = (float * factor).ceil();
    if product >= LIMIT {
        return u64::MAX;
    }
    product as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_rounded_up_and_never_overflow() {
        assert_eq!(scaled(0, 0.1), 0);
        assert_eq!(scaled(1, 0.1), 1);
        assert_eq!(scaled(30, 0.1), 3);
        assert_eq!(scaled(31, 0.1), 4);
        assert_eq!(scaled(u64::MAX, 1.0), u64::MAX);
        assert_eq!(scaled(u64::MAX, 0.1), 1_844_674_407_370_955_264);
        assert_eq!(scaled(2, u64::MAX as f64), u64::MAX);
    }
}
