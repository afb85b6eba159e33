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

/// Samples of every kind, at each version that is served, in the CRDs' order.
pub fn samples(crds: &[Crd], options: Options) -> Batch {
    let validator = Validator::new(crds.iter().cloned());
    let mut all = Batch::default();
    for kind in Kind::all(crds) {
        let batch = Sampler::new(&validator, &kind, options).run();
        all.samples.extend(batch.samples);
        all.missing.extend(batch.missing);
        all.left_out += batch.left_out;
    }
    all
}
