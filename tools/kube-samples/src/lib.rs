//! Resources of the kinds that CRDs define, made to test what reads or judges
//! them: valid ones that show everything a schema allows, and ones that break
//! one constraint in one place. No target language's syntax lives here, and no
//! rule of what is valid: [`kube_schema::validate`] has those.
//!
//! - [`samples`]: every kind's samples
//! - [`Sample`]: a resource and what is claimed of it
//! - [`Missing`]: what no sample shows, and why
//!
//! The same CRDs and seed give the same samples, on every machine.

mod demand;
mod fault;
mod feature;
mod formats;
mod generate;
mod hints;
mod inverse;
mod kind;
mod path;
mod pattern;
mod random;
mod sample;
mod sampler;

pub use sample::{Breaks, Missing, Question, Sample, Subresource, Why};
pub use sampler::{Batch, Options};

use kind::Kind;
use kube_schema::Crd;
use kube_schema::validate::Validator;
use sampler::Sampler;
use std::collections::BTreeMap;

/// After how many rounds without another sample a constraint is left.
const VAIN_ROUNDS: usize = 5;

/// Samples of every kind, at each version that is served, in the CRDs' order.
pub fn samples(crds: &[Crd], options: Options) -> Batch {
    let validator = Validator::new(crds.iter().cloned());
    let kinds = Kind::all(crds);
    let of_kind = |kind| Sampler::new(&validator, kind, options);
    let mut samplers: Vec<Sampler<'_>> = kinds.iter().map(of_kind).collect();
    samplers.iter_mut().for_each(Sampler::run);
    break_rare_ones(&mut samplers, options.each);
    let mut all = Batch::default();
    for batch in samplers.into_iter().map(Sampler::into_batch) {
        all.samples.extend(batch.samples);
        all.missing.extend(batch.missing);
        all.left_out += batch.left_out;
    }
    all
}

/// Breaks each constraint again, in every kind in turn, until so many samples
/// break it or no other is found.
fn break_rare_ones(samplers: &mut [Sampler<'_>], least: usize) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for constraint in samplers.iter().flat_map(Sampler::constraints) {
        *counts.entry(constraint).or_default() += 1;
    }
    for (constraint, mut count) in counts {
        let mut vain = 0;
        while count < least && vain < VAIN_ROUNDS {
            let before = count;
            for sampler in &mut *samplers {
                count += sampler.break_again(constraint, least - count);
            }
            vain = if count == before { vain + 1 } else { 0 };
        }
    }
}
