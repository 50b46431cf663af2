//! Every bound on an answer holds to the byte, over the network as on disk.

use super::support::fake::{FakeRegistry, Fault, RunningRegistry, When};
use super::support::image::Image;
use super::support::network::Online;
use super::support::query::Asking;

const CREATED: &str = "{repositories: team/app, columns: [tag, created]}";

fn image() -> Image {
    Image::new().created("2025-01-01T00:00:00Z").label("a", "b")
}

/// The codes of what is missing, with this bound.
fn codes(
    registry: &RunningRegistry,
    change: impl FnOnce(&mut regq::limits::Limits),
) -> Vec<String> {
    let online = Online::of(registry).limits(change);
    let errors = Asking::of(&online).ask(CREATED).summary.errors;
    errors.into_iter().map(|error| error.code).collect()
}

#[test]
fn c1_a_manifest_may_be_as_large_as_the_limit() {
    for (size, expected) in [(4999, &[][..]), (5000, &[]), (5001, &["TOO_LARGE"])] {
        for fault in [
            Fault::edit(|_, _| {}),
            Fault::chunked(),
            Fault::without_length(),
        ] {
            let described = FakeRegistry::new().tag("team/app:1", image().padded_to(size));
            let registry = described
                .fault("GET manifests", When::Always, fault)
                .start();
            let found = codes(&registry, |limits| limits.manifest_bytes = 5000);
            assert_eq!(found, expected, "{size}");
        }
    }
}

#[test]
fn c1_a_config_may_be_as_large_as_the_limit() {
    let described = || FakeRegistry::new().tag("team/app:1", image());
    let manifest = described().document(&described().digest("team/app:1"));
    let size = usize::try_from(manifest["config"]["size"].as_u64().unwrap()).unwrap();
    for (limit, requests, expected) in [
        (size + 1, 1, &[][..]),
        (size, 1, &[]),
        (size - 1, 0, &["TOO_LARGE"]),
    ] {
        let registry = described().start();
        assert_eq!(
            codes(&registry, |limits| limits.config_bytes = limit),
            expected
        );
        // What is announced as too large is not even asked for.
        assert_eq!(registry.stop().count("GET /v2/team/app/blobs/"), requests);
    }
}

#[test]
fn c1_a_page_of_tags_may_be_as_large_as_the_limit() {
    let page = r#"{"name":"team/app","tags":["1"]}"#;
    for (limit, expected) in [
        (page.len() + 1, &[][..]),
        (page.len(), &[]),
        (page.len() - 1, &["TOO_LARGE"]),
    ] {
        for fault in [
            Fault::edit(|_, _| {}),
            Fault::chunked(),
            Fault::without_length(),
        ] {
            let described = FakeRegistry::new().tag("team/app:1", image());
            let registry = described.fault("tags/list", When::Always, fault).start();
            assert_eq!(
                codes(&registry, |limits| limits.listing_bytes = limit),
                expected
            );
        }
    }
}

#[test]
fn c6_an_answer_may_have_as_many_headers_as_the_limit() {
    // Three are the answer's own, one is the registry's.
    for (more, expected) in [(95, &[][..]), (96, &[]), (97, &["NOT_HTTP"])] {
        let described = FakeRegistry::new().tag("team/app:1", image());
        let fault = Fault::header_flood(more);
        let registry = described.fault("GET blobs", When::Always, fault).start();
        assert_eq!(codes(&registry, |_| {}), expected, "{more}");
    }
}

#[test]
fn c6_headers_may_be_as_large_as_the_limit() {
    for (size, expected) in [
        (60 << 10, &[][..]),
        (64 << 10, &["TOO_MANY_HEADERS"]),
        (1 << 20, &["NOT_HTTP"]),
    ] {
        let described = FakeRegistry::new().tag("team/app:1", image());
        let fault = Fault::extra_header("X-Large", &"x".repeat(size));
        let registry = described.fault("GET blobs", When::Always, fault).start();
        assert_eq!(codes(&registry, |_| {}), expected, "{size}");
    }
}

#[test]
fn b5_a_listing_may_go_on_for_fewer_names_than_the_limit() {
    // Names that are none are kept too, each with its error.
    for name in [|at| format!("v{at}"), |at| format!("-{at}")] {
        for (limit, expected) in [
            (2, &["ENDLESS_LISTING"][..]),
            (3, &["ENDLESS_LISTING"]),
            (4, &[]),
        ] {
            let described = FakeRegistry::new().listed_by("team/app", 6, name, image());
            let registry = described.paged(3).start();
            let mut found = codes(&registry, |limits| limits.listing_names = limit);
            found.retain(|code| code != "TAG_INVALID");
            assert_eq!(found, expected, "{limit}");
        }
    }
}
