//! Whatever is read as CRDs can be generated.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(crds) = kube_schema::parse_crds("crds.yaml", text) {
        let models = crd_models::analysis::models(&crds);
        let options = crd_models::kcl::Options {
            package: "p",
            k8s_package: None,
        };
        let _ = crd_models::kcl::package(&models, &options);
        let _ = crd_models::python::files(&models, "p");
        let _ = crd_models::json_schema::files(&crds);
    }
});
