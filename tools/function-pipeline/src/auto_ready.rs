//! function-auto-ready 0.6: a composed resource that exists and of whose
//! readiness no function said anything is ready if its kind's own check says
//! so, else if its condition Ready is True. Checks in CEL, which a feature gate
//! turns on upstream, are refused.

use serde_json::Value;

use crate::{
    conditions,
    function::{Function, FunctionError},
    go::Object,
    object::{GroupVersionKind, generation, nested, string},
    protocol::{Ready, Request, Response},
};

/// function-auto-ready.
#[derive(Debug, Clone, Copy, Default)]
pub struct AutoReady;

impl Function for AutoReady {
    fn run(&self, request: &Request) -> Result<Response, FunctionError> {
        let mut response = Response::to(request);
        let input = request.input.clone().unwrap_or_default();
        if let Err(error) = read_input(&input, &mut response) {
            return Ok(response.fatal(error));
        }
        for (name, desired) in &mut response.desired.resources {
            let Some(observed) = request.observed.resources.get(name) else {
                continue;
            };
            if desired.ready == Ready::Unspecified && is_ready(&observed.object) {
                desired.ready = Ready::True;
            }
        }
        Ok(response)
    }
}

/// The input's one field that counts is `ttl`.
fn read_input(input: &Object, response: &mut Response) -> Result<(), String> {
    let known = ["apiVersion", "kind", "metadata", "ttl"];
    let cel = [
        "celHealthCheckCustomization",
        "celHealthCheckCustomizationFrom",
    ];
    for (field, value) in input {
        if cel.contains(&field.as_str()) && !value.is_null() {
            response.warnings.push(format!(
                "{field} has no effect unless function-auto-ready runs with the feature gate \
                 CELHealthcheckCustomizations, which is off here"
            ));
        } else if !known.contains(&field.as_str()) {
            return Err(format!(
                "cannot get Function input from *v1.RunFunctionRequest: unknown field {field:?}"
            ));
        }
    }
    let ttl = string(input, &["ttl"]);
    if !ttl.is_empty() {
        response.ttl_seconds = seconds(ttl)
            .ok_or_else(|| format!("cannot set ttl: time: invalid duration {ttl:?}"))?;
    }
    Ok(())
}

/// A Go duration in whole seconds, such as `1m30s`.
fn seconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c != '.' && !c.is_ascii_digit())?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit_and_rest = &rest[digits..];
        let length = unit_and_rest
            .find(|c: char| c == '.' || c.is_ascii_digit())
            .unwrap_or(unit_and_rest.len());
        let scale = match &unit_and_rest[..length] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number * scale;
        rest = &unit_and_rest[length..];
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(total as u64)
}

fn is_ready(observed: &Object) -> bool {
    own_check(observed).unwrap_or_default()
        || conditions::get(observed)
            .iter()
            .find(|condition| condition.condition_type == "Ready")
            .is_some_and(|condition| condition.status == "True")
}

/// The verdict of the check that a built-in kind has.
fn own_check(observed: &Object) -> Option<bool> {
    let of = GroupVersionKind::of(observed);
    let check: fn(&Object) -> bool = match (of.api_version().as_str(), of.kind.as_str()) {
        ("v1", "ConfigMap" | "Namespace" | "Secret" | "ServiceAccount") => |_| true,
        ("v1", "PersistentVolumeClaim") => |claim| string(claim, &["status", "phase"]) == "Bound",
        ("v1", "Pod") => pod,
        ("v1", "Service") => service,
        ("apps/v1", "DaemonSet") => daemon_set,
        ("apps/v1", "Deployment") => deployment,
        ("apps/v1", "ReplicaSet") => replica_set,
        ("apps/v1", "StatefulSet") => stateful_set,
        ("autoscaling/v2", "HorizontalPodAutoscaler") => autoscaler,
        ("batch/v1", "CronJob") => cron_job,
        ("batch/v1", "Job") => job,
        ("networking.k8s.io/v1", "Ingress") => has_ingress,
        _ => return None,
    };
    Some(check(observed))
}

/// A number, cut to an integer.
fn number(object: &Object, path: &[&str]) -> Option<i64> {
    let value = nested(object, path)?;
    #[allow(clippy::cast_possible_truncation)]
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|float| float as i64))
}

fn is_true(object: &Object, condition_type: &str) -> bool {
    conditions::get(object)
        .iter()
        .any(|condition| condition.condition_type == condition_type && condition.status == "True")
}

fn replicas(object: &Object) -> i64 {
    number(object, &["spec", "replicas"]).unwrap_or(1)
}

fn pod(pod: &Object) -> bool {
    match string(pod, &["status", "phase"]) {
        "Succeeded" => true,
        "Running" => string(pod, &["spec", "restartPolicy"]) == "Always" && is_true(pod, "Ready"),
        _ => false,
    }
}

fn service(service: &Object) -> bool {
    string(service, &["spec", "type"]) != "LoadBalancer" || has_ingress(service)
}

fn has_ingress(object: &Object) -> bool {
    nested(object, &["status", "loadBalancer", "ingress"])
        .and_then(Value::as_array)
        .is_some_and(|ingress| !ingress.is_empty())
}

fn daemon_set(set: &Object) -> bool {
    let status = |field| number(set, &["status", field]);
    let wanted = status("desiredNumberScheduled");
    let counts = ["numberReady", "updatedNumberScheduled", "numberAvailable"];
    wanted.is_some() && counts.into_iter().all(|field| status(field) == wanted)
}

fn deployment(deployment: &Object) -> bool {
    let wanted = Some(replicas(deployment));
    let counts = ["updatedReplicas", "availableReplicas"];
    counts
        .into_iter()
        .all(|field| number(deployment, &["status", field]) == wanted)
        && is_true(deployment, "Available")
}

fn replica_set(set: &Object) -> bool {
    let observed = number(set, &["status", "observedGeneration"]).unwrap_or_default();
    let available = number(set, &["status", "availableReplicas"]).unwrap_or_default();
    observed >= generation(set) && !is_true(set, "ReplicaFailure") && available >= replicas(set)
}

fn stateful_set(set: &Object) -> bool {
    let wanted = Some(replicas(set));
    let revision = |field| nested(set, &["status", field]).and_then(Value::as_str);
    let current = revision("currentRevision");
    ["readyReplicas", "currentReplicas"]
        .into_iter()
        .all(|field| number(set, &["status", field]) == wanted)
        && current.is_some()
        && current == revision("updateRevision")
}

/// The first condition that says something decides.
fn first_verdict(object: &Object, verdict: impl Fn(&str) -> Option<bool>) -> bool {
    conditions::get(object)
        .iter()
        .filter(|condition| condition.status == "True")
        .find_map(|condition| verdict(&condition.condition_type))
        .unwrap_or_default()
}

fn autoscaler(autoscaler: &Object) -> bool {
    first_verdict(autoscaler, |condition_type| match condition_type {
        "FailedGetScale" | "FailedUpdateScale" | "FailedGetResourceMetric" | "InvalidSelector" => {
            Some(false)
        }
        "ScalingActive" | "ScalingLimited" => Some(true),
        _ => None,
    })
}

fn job(job: &Object) -> bool {
    first_verdict(job, |condition_type| match condition_type {
        "Failed" | "Suspended" => Some(false),
        "Complete" => Some(true),
        _ => None,
    })
}

fn cron_job(job: &Object) -> bool {
    if nested(job, &["spec", "suspend"]) == Some(&Value::Bool(true)) {
        return true;
    }
    let time = |field| nested(job, &["status", field]).and_then(Value::as_str);
    let Some(scheduled) = time("lastScheduleTime") else {
        return false;
    };
    let active = nested(job, &["status", "active"]).and_then(Value::as_array);
    // Times of one zone compare as text.
    active.is_some_and(|jobs| !jobs.is_empty())
        || time("lastSuccessfulTime").is_some_and(|succeeded| succeeded >= scheduled)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;
    use crate::protocol::Resource;

    fn object(value: Value) -> Object {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn kinds_have_checks_of_their_own() {
        let condition = |name: &str| json!([{"type": name, "status": "True"}]);
        let cases = [
            ("v1", "ConfigMap", json!({}), json!({}), true),
            (
                "v1",
                "Pod",
                json!({"restartPolicy": "Always"}),
                json!({"phase": "Running"}),
                false,
            ),
            ("v1", "Pod", json!({}), json!({"phase": "Succeeded"}), true),
            ("v1", "Service", json!({}), json!({}), true),
            (
                "v1",
                "Service",
                json!({"type": "LoadBalancer"}),
                json!({}),
                false,
            ),
            (
                "apps/v1",
                "Deployment",
                json!({"replicas": 2}),
                json!({"updatedReplicas": 2, "availableReplicas": 2, "conditions": condition("Available")}),
                true,
            ),
            (
                "apps/v1",
                "Deployment",
                json!({}),
                json!({"updatedReplicas": 1, "availableReplicas": 0, "conditions": condition("Available")}),
                false,
            ),
            (
                "apps/v1",
                "StatefulSet",
                json!({}),
                json!({"readyReplicas": 1, "currentReplicas": 1, "currentRevision": "a", "updateRevision": "b"}),
                false,
            ),
            (
                "batch/v1",
                "Job",
                json!({}),
                json!({"conditions": condition("Complete")}),
                true,
            ),
            (
                "batch/v1",
                "CronJob",
                json!({}),
                json!({"lastScheduleTime": "2024-01-01T10:05:00Z", "lastSuccessfulTime": "2024-01-01T10:00:00Z"}),
                false,
            ),
            (
                "a.b/v1",
                "Bed",
                json!({}),
                json!({"conditions": condition("Ready")}),
                true,
            ),
            ("a.b/v1", "Bed", json!({}), json!({}), false),
        ];
        for (api_version, kind, spec, status, expected) in cases {
            let value =
                json!({"apiVersion": api_version, "kind": kind, "spec": spec, "status": status});
            assert_eq!(is_ready(&object(value.clone())), expected, "{value}");
        }
    }

    #[test]
    fn what_a_function_said_stands() {
        let bed = object(json!({
            "apiVersion": "a.b/v1", "kind": "Bed",
            "status": {"conditions": [{"type": "Ready", "status": "True"}]},
        }));
        let mut request = Request::default();
        for (name, ready) in [("a", Ready::False), ("b", Ready::Unspecified)] {
            let resource = Resource {
                ready,
                ..Resource::new(bed.clone())
            };
            request.desired.resources.insert(name.to_owned(), resource);
            Arc::make_mut(&mut request.observed)
                .resources
                .insert(name.to_owned(), Resource::new(bed.clone()));
        }
        let response = AutoReady.run(&request).unwrap_or_default();
        let ready: Vec<Ready> = response
            .desired
            .resources
            .values()
            .map(|r| r.ready)
            .collect();
        assert_eq!(ready, [Ready::False, Ready::True]);
    }

    #[test]
    fn durations_are_gos() {
        assert_eq!(seconds("1m30s"), Some(90));
        assert_eq!(seconds("1.5h"), Some(5400));
        assert_eq!(seconds("soon"), None);
    }
}
