//! The message patterns that remote peers answer.

use std::collections::HashMap;

use super::builder::Remote;
use crate::pattern::Route;
use crate::routes::RouteTable;

/// Adds what peers answer; returns what is wrong with it. A service of the node wins unless `prefer_remote`.
pub(super) fn add(routes: &mut RouteTable, remotes: Vec<Remote>, prefer_remote: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let mut claims: HashMap<Route, String> = HashMap::new();
    for Remote { routes: claimed, problems: own, peer } in remotes {
        problems.extend(own);
        for route in claimed {
            if let Some(other) = claims.insert(route.clone(), peer.name().to_owned()) {
                problems.push(format!(
                    "`{other}` and `{}` are both to answer `{route}`: one peer answers a message",
                    peer.name()
                ));
            }
            if prefer_remote || routes.by_route(route.as_str()).is_none() {
                routes.insert_remote(route, std::sync::Arc::clone(&peer));
            }
        }
    }
    problems
}
