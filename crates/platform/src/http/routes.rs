//! Registering routes and building the router.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::guard::{Gate, guard};
use crate::app::App;
use crate::auth::Permission;
use crate::reach::customers_in;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without signing in.
    Public,
    /// Everybody who is signed in.
    SignedIn,
    /// A session that still awaits its second factor.
    SecondFactor,
    /// Those whose role has this permission.
    Needs(Permission),
}

/// Whether a route answers pages or JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Page,
    Api,
}

/// A page or a form's action.
pub struct PageRoute {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    upload: bool,
    handler: MethodRouter<App>,
}

/// An operation of the API, with its description.
pub struct ApiRoute {
    pub access: Access,
    upload: bool,
    routes: UtoipaMethodRouter<App>,
}

fn page<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> PageRoute
where
    H: Handler<T, App>,
    T: 'static,
{
    let filter = if method == Method::GET { MethodFilter::GET } else { MethodFilter::POST };
    PageRoute { method, path, access, upload: false, handler: on(filter, handler) }
}

/// A page.
pub fn get<H, T>(path: &'static str, access: Access, handler: H) -> PageRoute
where
    H: Handler<T, App>,
    T: 'static,
{
    page(Method::GET, path, access, handler)
}

/// A form's action.
pub fn post<H, T>(path: &'static str, access: Access, handler: H) -> PageRoute
where
    H: Handler<T, App>,
    T: 'static,
{
    page(Method::POST, path, access, handler)
}

/// A form with a file: its handler reads it through [`super::Upload`], which checks the token.
pub fn page_upload<H, T>(path: &'static str, access: Access, handler: H) -> PageRoute
where
    H: Handler<T, App>,
    T: 'static,
{
    PageRoute { upload: true, ..page(Method::POST, path, access, handler) }
}

/// An API operation: `api(Access::Needs(..), routes!(handler))`.
pub fn api(access: Access, routes: UtoipaMethodRouter<App>) -> ApiRoute {
    ApiRoute { access, upload: false, routes }
}

/// An API operation that takes a large body as a stream.
pub fn api_upload(access: Access, routes: UtoipaMethodRouter<App>) -> ApiRoute {
    ApiRoute { access, upload: true, routes }
}

/// What a test needs to know of a route to walk over it.
#[derive(Clone, Debug)]
pub struct RouteFacts {
    pub method: Method,
    pub path: String,
    pub access: Access,
    pub is_api: bool,
}

/// Builds the router of all pages and operations, each behind the guard; answers the facts about
/// every route and the API description too.
pub fn build_router(
    app: &App,
    pages: Vec<PageRoute>,
    api: Vec<ApiRoute>,
    description: OpenApi,
) -> (Router<App>, Vec<RouteFacts>, OpenApi) {
    let mut facts = Vec::new();
    let mut router = Router::new();
    for route in pages {
        facts.push(RouteFacts {
            method: route.method,
            path: route.path.to_owned(),
            access: route.access,
            is_api: false,
        });
        let gate = Gate {
            app: app.clone(),
            access: route.access,
            kind: Kind::Page,
            upload: route.upload,
            customers: customers_in(route.path),
        };
        router = router.route(route.path, route.handler.layer(from_fn_with_state(gate, guard)));
    }
    let mut described = OpenApiRouter::with_openapi(description);
    for route in api {
        let (schemas, mut paths, handler) = route.routes;
        paths.paths.values_mut().for_each(describe_idempotency);
        for (path, item) in &paths.paths {
            facts.extend(methods(item).into_iter().map(|method| RouteFacts {
                method,
                path: path.clone(),
                access: route.access,
                is_api: true,
            }));
        }
        let gate = Gate {
            app: app.clone(),
            access: route.access,
            kind: Kind::Api,
            upload: route.upload,
            // Operations registered together share their path.
            customers: paths.paths.keys().next().map(|path| customers_in(path)).unwrap_or_default(),
        };
        let handler = handler.layer(from_fn_with_state(gate, guard));
        described = described.routes((schemas, paths, handler));
    }
    let (api_router, description) = described.split_for_parts();
    (router.merge(api_router), facts, description)
}

/// Every POST takes an `Idempotency-Key`, so the description says so without each handler repeating it.
fn describe_idempotency(item: &mut utoipa::openapi::PathItem) {
    use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
    use utoipa::openapi::{ObjectBuilder, Required, schema::Type};
    let Some(operation) = &mut item.post else { return };
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Any text of up to 255 characters: the same request sent again with the same key within a day is \
             carried out once and answered twice.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .build();
    operation.parameters.get_or_insert_default().push(key.into());
}

fn methods(item: &utoipa::openapi::PathItem) -> Vec<Method> {
    let present = [
        (item.get.is_some(), Method::GET),
        (item.post.is_some(), Method::POST),
        (item.put.is_some(), Method::PUT),
        (item.patch.is_some(), Method::PATCH),
        (item.delete.is_some(), Method::DELETE),
    ];
    present.into_iter().filter(|(is, _)| *is).map(|(_, method)| method).collect()
}
