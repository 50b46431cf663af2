//! The promises between modules, in one test binary.

#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod suite {
    mod absent;
    mod amazon;
    mod api;
    mod archives;
    mod asserts;
    mod attached;
    mod auth;
    mod auth_own_vendors;
    mod auth_vendors;
    mod colour;
    mod completion;
    #[cfg(unix)]
    mod completion_shells;
    mod compliance;
    #[cfg(unix)]
    mod contract;
    mod costs;
    mod demo;
    mod dialect_contract;
    mod discovery;
    mod docker_config;
    mod docker_hub;
    mod docker_hub_traps;
    mod fake;
    mod fake_faults;
    mod fake_listings;
    mod fake_logins;
    mod fake_tls;
    mod first_hour;
    mod github;
    mod gitlab;
    mod groups;
    mod harbor;
    mod harbor_manifests;
    mod hostile_images;
    mod hostile_queries;
    mod injections;
    #[cfg(unix)]
    mod install;
    mod layouts;
    mod list_files;
    mod loopback;
    mod manifests;
    mod manifests_vendors;
    mod network_accounts;
    mod network_addresses;
    mod network_attached;
    mod network_chance;
    mod network_costs;
    mod network_credentials;
    mod network_faults;
    mod network_limits;
    mod network_listings;
    mod network_login;
    mod network_mirrors;
    mod network_missing;
    mod network_nonsense;
    mod network_patience;
    mod network_proxy;
    mod network_redirects;
    mod network_retries;
    mod network_secrets;
    mod network_tls;
    mod network_tokens;
    mod network_truth;
    mod order;
    mod output_file;
    #[cfg(unix)]
    mod packages;
    mod parts;
    mod plain_vendors;
    mod plugin;
    mod properties;
    mod quay;
    mod query_help;
    mod query_output;
    mod ranks;
    mod rate_limits;
    mod readme;
    #[cfg(unix)]
    mod readme_examples;
    mod real_attached;
    mod real_attachers;
    #[cfg(unix)]
    mod real_browser;
    mod real_docker;
    mod real_helper;
    mod real_jmespath;
    mod real_kubectl;
    mod real_layouts;
    mod real_logins;
    mod real_queries;
    mod real_registry;
    mod real_storage;
    mod references;
    mod reports;
    mod saved_images;
    mod saved_queries;
    mod schema;
    mod scope;
    mod shipped_queries;
    #[cfg(unix)]
    mod signals;
    mod starters;
    mod streams;
    mod support;
    #[cfg(unix)]
    mod terminal_progress;
    #[cfg(unix)]
    mod terminal_signals;
    #[cfg(unix)]
    mod terminal_watch;
    mod unknown;
    mod user_settings;
    mod vendor_artifactory;
    mod vendor_azure;
    mod vendor_facts;
    mod vendor_gitea;
    mod vendor_google;
    mod vendor_nexus;
    mod wrong_queries;
    mod zot;
}
