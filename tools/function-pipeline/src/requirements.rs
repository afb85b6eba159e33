//! Calls a function until what it requires is settled (`internal/xfn`
//! FetchingFunctionRunner).

use std::collections::BTreeMap;

use crate::{
    function::{FunctionError, Functions},
    go::Object,
    protocol::{Request, Requirements, Response, Selector},
    schemas::Schemas,
    store::Store,
};

/// How often a function is called again.
const MOST_RECALLS: usize = 5;

/// Where required resources and schemas come from.
pub(crate) struct Sources<'s> {
    pub(crate) store: &'s Store,
    pub(crate) schemas: &'s Schemas,
}

type Found<T> = BTreeMap<String, Option<T>>;

impl Sources<'_> {
    pub(crate) fn resources(&self, wanted: &BTreeMap<String, Selector>) -> Found<Vec<Object>> {
        wanted
            .iter()
            .map(|(name, selector)| (name.clone(), self.store.select(selector)))
            .collect()
    }

    pub(crate) fn schemas(&self, wanted: &BTreeMap<String, (String, String)>) -> Found<Object> {
        let find = |(name, (api_version, kind)): (&String, &(String, String))| {
            (name.clone(), self.schemas.find(api_version, kind))
        };
        wanted.iter().map(find).collect()
    }
}

/// Calls a function with what the request has, and again with what it requires.
pub(crate) fn run(
    functions: &Functions,
    name: &str,
    mut request: Request,
    sources: &Sources,
) -> Result<Response, FunctionError> {
    let bootstrap = (
        request.required_resources.clone(),
        request.required_schemas.clone(),
    );
    let mut before: Option<Requirements> = None;
    for call in 0..=MOST_RECALLS {
        let response = functions.run(name, &request)?;
        if response.fatal_message().is_some() || response.requirements == before {
            return Ok(response);
        }
        let wanted = response.requirements.clone().unwrap_or_default();
        let mut resources = bootstrap.0.clone();
        resources.extend(sources.resources(&wanted.resources));
        let mut schemas = bootstrap.1.clone();
        schemas.extend(sources.schemas(&wanted.schemas));
        let extra = sources.resources(&wanted.extra_resources);
        // The function saw all that it wants already.
        if call == 0
            && resources == request.required_resources
            && extra == request.extra_resources
            && schemas == request.required_schemas
        {
            return Ok(response);
        }
        before = response.requirements;
        request.required_resources = resources;
        request.extra_resources = extra;
        request.required_schemas = schemas;
        request.context = response.context;
    }
    Err(FunctionError(format!(
        "requirements didn't stabilize after the maximum number of iterations ({MOST_RECALLS})"
    )))
}
