use crate::random::Random;
use kube_schema::Schema;
use std::collections::BTreeSet;

/// A branch of oneOf or anyOf that is to be taken, by the schema that has it.
#[derive(Debug, Clone, Copy)]
pub struct Branch<'s> {
    /// The schema with the combinator.
    pub of: &'s Schema,
    /// Which combinator.
    pub combinator: Combinator,
    /// Which branch.
    pub index: usize,
}

/// A combinator of which a branch is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combinator {
    /// oneOf.
    OneOf,
    /// anyOf.
    AnyOf,
}

/// All that is asked of one value: by its own schema, by what stands further
/// out and reaches in, by every branch of allOf, and by a branch chosen of each
/// oneOf and anyOf.
#[derive(Debug, Clone)]
pub struct Demand<'s> {
    /// The value's own schema, which alone says what it is made of.
    pub spine: &'s Schema,
    /// Everything that is asked, the own schema first.
    pub parts: Vec<&'s Schema>,
    /// What must not hold, as far as it is known.
    pub nots: Vec<&'s Schema>,
}

impl<'s> Demand<'s> {
    /// Chooses branches.
    pub fn new(
        spine: &'s Schema,
        outer: &[&'s Schema],
        forced: Option<Branch<'_>>,
        random: &mut Random,
    ) -> Self {
        let mut demand = Self {
            spine,
            parts: Vec::new(),
            nots: Vec::new(),
        };
        for schema in std::iter::once(&spine).chain(outer) {
            demand.add(schema, forced, random);
        }
        demand
    }

    fn add(&mut self, schema: &'s Schema, forced: Option<Branch<'_>>, random: &mut Random) {
        self.parts.push(schema);
        self.nots.extend(schema.not.as_deref());
        for part in &schema.all_of {
            self.add(part, forced, random);
        }
        let choices = [
            (Combinator::OneOf, &schema.one_of),
            (Combinator::AnyOf, &schema.any_of),
        ];
        for (combinator, branches) in choices {
            let forced_here = forced
                .filter(|f| std::ptr::eq(f.of, schema) && f.combinator == combinator)
                .map(|f| f.index);
            let index = forced_here.unwrap_or_else(|| random.below(branches.len()));
            for (i, branch) in branches.iter().enumerate() {
                if i == index {
                    self.add(branch, forced, random);
                } else if combinator == Combinator::OneOf {
                    self.nots.push(branch);
                }
            }
        }
    }

    /// What the parts ask of something further in.
    pub fn below(&self, pick: impl Fn(&'s Schema) -> Option<&'s Schema>) -> Vec<&'s Schema> {
        self.parts[1..]
            .iter()
            .filter_map(|part| pick(part))
            .collect()
    }

    /// The greatest of a lower bound.
    pub fn most<T: Ord + Copy>(&self, bound: impl Fn(&Schema) -> Option<T>) -> Option<T> {
        self.parts.iter().filter_map(|part| bound(part)).max()
    }

    /// The least of an upper bound.
    pub fn least<T: Ord + Copy>(&self, bound: impl Fn(&Schema) -> Option<T>) -> Option<T> {
        self.parts.iter().filter_map(|part| bound(part)).min()
    }

    /// The names of fields that must be there.
    pub fn required(&self) -> BTreeSet<&'s str> {
        let names = self.parts.iter().flat_map(|part| &part.required);
        names.map(String::as_str).collect()
    }

    /// The names of fields that had better stay away: of each set that must not
    /// be complete, one.
    pub fn shunned(&self, random: &mut Random) -> BTreeSet<&'s str> {
        let required = self.required();
        let mut found = BTreeSet::new();
        for not in &self.nots {
            let inner = not.any_of.iter().chain(std::iter::once(*not));
            for schema in inner {
                let free: Vec<&str> = schema
                    .required
                    .iter()
                    .map(String::as_str)
                    .filter(|name| !required.contains(name))
                    .collect();
                found.extend(random.pick(&free));
            }
        }
        found
    }
}
