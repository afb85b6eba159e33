//! An XRD is read as the CRDs that Crossplane makes of it. What it makes was
//! recorded: `*.crds.yaml` is what `xcrd.ForCompositeResource` and
//! `xcrd.ForCompositeResourceClaim` of crossplane-runtime v2.4.0 return for the
//! XRD beside it, once the API server has filled in the XRD's defaults.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use kube_schema::{Crd, Origin, Spot, read_crds};
use pretty_assertions::assert_eq;

/// Without what a file cannot agree on: where it stands and what made it.
fn meaning(file: &str) -> Vec<Crd> {
    let mut crds = read_crds(&[format!("tests/fixtures/xrd/{file}")]).unwrap();
    for crd in &mut crds {
        crd.origin = Origin::Crd;
        crd.spot = Spot::default();
        for version in &mut crd.versions {
            version.spot = Spot::default();
        }
    }
    crds
}

#[test]
fn a_namespaced_xrd_is_what_crossplane_makes_of_it() {
    assert_eq!(meaning("namespaced.yaml"), meaning("namespaced.crds.yaml"));
}

#[test]
fn a_cluster_scoped_xrd_is_what_crossplane_makes_of_it() {
    assert_eq!(meaning("cluster.yaml"), meaning("cluster.crds.yaml"));
}

#[test]
fn a_legacy_xrd_and_its_claim_are_what_crossplane_makes_of_them() {
    assert_eq!(meaning("legacy.yaml"), meaning("legacy.crds.yaml"));
}
