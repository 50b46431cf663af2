//! FZ3: challenges and token answers. Whatever a registry asks for, a token is asked for what is at hand and nothing
//! more, a credential goes nowhere but to the registry's own, and a token can stand in a header.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regq::registry::fuzzing;

const REQUEST: &str = "https://registry.acme.dev/v2/acme/web/tags/list";
const OWN: [&str; 2] = ["https://registry.acme.dev", "https://acme.dev"];

fuzz_target!(|bytes: &[u8]| {
    if let Some((address, trusted)) = fuzzing::challenge(bytes, REQUEST, "acme/web") {
        let (_, query) = address.split_once('?').expect("a client names itself");
        let scopes: Vec<&str> = query
            .split('&')
            .filter_map(|pair| pair.strip_prefix("scope="))
            .collect();
        assert_eq!(scopes.len(), 1, "{address}");
        let word = |scope: &str| !scope.contains("%3A") && !scope.contains(['%', '+']);
        let reading =
            scopes[0].starts_with("repository%3Aacme%2Fweb%3A") && scopes[0].ends_with("pull");
        assert!(reading || word(scopes[0]), "{address}");
        let own = |own: &&str| {
            address
                .strip_prefix(*own)
                .is_some_and(|rest| rest.starts_with(['/', '?']))
        };
        assert!(
            !trusted || OWN.iter().any(|origin| own(&origin)),
            "{address}"
        );
        assert!(address.starts_with("https://"), "{address}");
    }
    if let Ok(text) = str::from_utf8(bytes) {
        let _ = fuzzing::realm(text, REQUEST);
    }
    if let Some((token, life)) = fuzzing::token(bytes) {
        assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
        assert!((60..=86_400).contains(&life.as_secs()));
    }
});
