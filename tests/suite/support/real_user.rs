//! The user of a real registry: a home with the login and the settings that it takes to be let in.

use serde_json::{Value, json};

use super::command::{Ended, Workplace};
use super::fake::{Alphabet, base64};
use super::real_registry::{ACCOUNT, Access, PASSWORD, RealRegistry};

/// A place whose user has what the registry wants: the password as `docker login` writes it, and the settings.
pub(crate) fn place_of(registry: &RealRegistry) -> Workplace {
    let place = Workplace::new();
    let place = match registry.access() {
        Access::Open => place,
        Access::Password(_) | Access::Token(_) => logged_in(place, &login(registry.host())),
    };
    set(place, &settings(registry))
}

/// Gives a user this `config.json`.
pub(crate) fn logged_in(place: Workplace, config: &str) -> Workplace {
    place.file("../home/.docker/config.json", config)
}

/// Gives a user this `regq/config.yaml`.
pub(crate) fn set(place: Workplace, settings: &str) -> Workplace {
    place.file("../home/.config/regq/config.yaml", settings)
}

/// What `docker login` writes without a helper.
pub(crate) fn login(server: &str) -> String {
    login_with(server, PASSWORD)
}

/// The same with a password that may be wrong.
pub(crate) fn login_with(server: &str, password: &str) -> String {
    let pair = format!("{ACCOUNT}:{password}");
    let auth = base64(pair.as_bytes(), Alphabet::Standard);
    json!({"auths": {server: {"auth": auth}}}).to_string()
}

/// What has to be said of a registry in the settings: its authority or its token server, and whose it is.
pub(crate) fn settings(registry: &RealRegistry) -> String {
    let mut setting = match registry.access() {
        Access::Open => json!({}),
        Access::Password(ca) => json!({"ca": ca}),
        Access::Token(server) => json!({"tokenServer": server.host()}),
    };
    if let Some(dialect) = registry.dialect() {
        setting["dialect"] = json!(dialect);
    }
    json!({"registries": {registry.host(): setting}}).to_string()
}

/// The requests that a run with `-v` says were answered: method, address and status of each. A TLS hello that a registry in
/// the clear does not understand is none.
pub(crate) fn requests(ended: &Ended) -> Vec<String> {
    let said = ended.stderr.lines();
    let requests = said.filter_map(|line| {
        let (request, answer) = line.split_once(" → ")?;
        let status: u16 = answer.split(',').next()?.parse().ok()?;
        Some(format!("{request} {status}"))
    });
    requests.collect()
}

/// The items of a document as `-o json` prints it.
pub(crate) fn items(ended: &Ended) -> Vec<Value> {
    let document: Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    let items = document["items"].as_array().expect("it has items");
    items.clone()
}
