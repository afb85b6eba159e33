//! Names as `kcl import -m crd` gives them. The expected ones were made with
//! kcl-openapi at swag v0.23, the release that the kcl command pins.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crd_models::analysis::{self, Model};
use crd_models::kcl::names::{SchemaNames, Step, full_name, module_of};
use crd_models::kcl::swag::{file_name, go_name, human_name};
use pretty_assertions::assert_eq;

fn model(group: &str, version: &str, kind: &str) -> Model {
    let text = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: {group}\n  names: {{kind: {kind}}}\n  \
         versions: [{{name: {version}, schema: {{openAPIV3Schema: {{type: object}}}}}}]\n"
    );
    let crds = kube_schema::parse_crds("x.yaml", &text).unwrap();
    analysis::models(&crds).remove(0)
}

#[test]
fn files_keep_every_quirk() {
    for (group, version, kind, file) in [
        (
            "helm.toolkit.fluxcd.io",
            "v2",
            "HelmRelease",
            "helm_toolkit_fluxcd_io_v2_helm_release",
        ),
        (
            "krm.kcl.dev",
            "v1alpha1",
            "KCLInput",
            "krm_kcl_dev_v1alpha1_k_c_l_input",
        ),
        (
            "dns.digitalocean.crossplane.io",
            "v1alpha1",
            "Record",
            "dns_digitalocean_crossplane_io_v1alpha1_record",
        ),
        (
            "vpc.digitalocean.crossplane.io",
            "v1alpha1",
            "VPC",
            "vpc_digitalocean_crossplane_io_v1alpha1_v_p_c",
        ),
        (
            "database.digitalocean.crossplane.io",
            "v1alpha1",
            "MySQLConfig",
            "database_digitalocean_crossplane_io_v1alpha1_my_sql_config",
        ),
        (
            "networking.digitalocean.crossplane.io",
            "v1alpha1",
            "IP",
            "networking_digitalocean_crossplane_io_v1alpha1_ip",
        ),
        (
            "source.toolkit.fluxcd.io",
            "v1beta2",
            "OCIRepository",
            "source_toolkit_fluxcd_io_v1beta2_o_c_i_repository",
        ),
        (
            "acme.cert-manager.io",
            "v1",
            "Order",
            "acme_cert_manager_io_v1_order",
        ),
        (
            "infrastructure.cluster.x-k8s.io",
            "v1beta2",
            "AWSClusterRoleIdentity",
            "infrastructure_clusterx_k8s_io_v1beta2_a_w_s_cluster_role_identity",
        ),
        (
            "traefik.io",
            "v1alpha1",
            "IngressRouteTCP",
            "traefik_io_v1alpha1_ingress_route_tcp",
        ),
        ("example.org", "v1", "Test", "example_org_v1_test_swagger"),
    ] {
        assert_eq!(module_of(&full_name(&model(group, version, kind))), file);
    }
}

#[test]
fn words_become_names() {
    for (name, go, file, human) in [
        ("apiVersion", "APIVersion", "api_version", "api version"),
        ("x-foo", "XFoo", "x_foo", "x foo"),
        ("$ref", "DollarRef", "dollar_ref", "dollar ref"),
        ("IPv4Address", "IPV4Address", "ipv4_address", "IPv4 address"),
        ("foo.bar", "FooBar", "foo_bar", "foo bar"),
        ("9lives", "Nr9lives", "9lives", "9lives"),
        ("übung", "Übung", "übung", "übung"),
        ("KCLInput", "KCLInput", "k_c_l_input", "k c l input"),
        ("httpsURL", "HTTPSURL", "https_url", "https URL"),
        ("_x", "X", "x", "x"),
        ("a b", "Ab", "a_b", "a b"),
    ] {
        assert_eq!(
            (go_name(name), file_name(name), human_name(name)),
            (go.into(), file.into(), human.into())
        );
    }
}

#[test]
fn nested_schemas_carry_their_whole_path() {
    let mut names = SchemaNames::default();
    let spec = names.nested(
        "dns.digitalocean.crossplane.io.v1alpha1.Record",
        "spec",
        Step::Field,
    );
    assert_eq!(spec, "DNSDigitaloceanCrossplaneIoV1alpha1RecordSpec");
    assert_eq!(
        names.nested(&spec, "forProvider", Step::Field),
        "DNSDigitaloceanCrossplaneIoV1alpha1RecordSpecForProvider"
    );
    assert_eq!(
        names.nested("FooSpec", "containers", Step::Element),
        "FooSpecContainersItems0"
    );
    assert_eq!(
        names.nested("FooSpec", "things", Step::Entry),
        "FooSpecThingsAnon"
    );
    assert_eq!(
        names.nested("FooSpec", "fooBar", Step::Field),
        "FooSpecFooBar"
    );
    assert_eq!(
        names.nested("FooSpec", "foo-bar", Step::Field),
        "FooSpecFooBar2"
    );
}
